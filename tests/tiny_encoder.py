"""A real transformer encoder, tiny and untrained, in files as on Hugging Face's hub."""

from pathlib import Path

import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

WORDS = ["a", "the", "film", "plot", "acting", "meeting", "on", "tuesday", "was", "is", "very"]
WORDS += ["not", "good", "bad", "great", "awful", ".", "!"]


def write_encoder(folder: Path) -> Path:
    """An encoder of one layer that knows WORDS, the same each time."""
    folder.mkdir(parents=True)
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (folder / "vocab.txt").write_text("\n".join(vocab) + "\n")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocab),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
        initializer_range=0.3,  # words that tell apart without being learnt
    )
    BertModel(config).save_pretrained(folder)
    return folder
