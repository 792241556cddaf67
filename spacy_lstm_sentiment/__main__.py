from spacy_lstm_sentiment.cli import main

if __name__ == "__main__":
    main()
