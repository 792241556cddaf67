"""Metadata, dependencies, entry points and the kernel; tool settings live in pyproject.toml."""

from pathlib import Path

from setuptools import Extension, find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
KERNELS = "spacy_lstm_sentiment/models/kernels"
PIPELINE = "spacy_lstm_sentiment/pipeline"

REPORTS = ["matplotlib>=3.8", "scikit-learn>=1.4"]
INSIGHTS = ["duckdb>=1.5", "pyarrow>=18", "matplotlib>=3.8"]
TENSORBOARD = ["tensorboard>=2.16", "matplotlib>=3.8"]
TUNE = ["optuna>=4", "matplotlib>=3.8"]
RAY = ["ray>=2.52"]
FRAMES = ["narwhals>=1.20"]
S3 = ["s3fs>=2025.2"]
TEACHER = ["transformers>=4.48"]
TEST = [
    *REPORTS,
    *INSIGHTS,
    *TENSORBOARD,
    *TUNE,
    *RAY,
    *TEACHER,
    *FRAMES,
    *S3,
    "moto[s3]>=5.1",
    "flask>=3",
    "flask-cors>=5",
    "pandas>=2.2",
    "polars>=1.10",
    "duckdb>=1.2",
    "pytest>=8",
    "pytest-randomly>=3.16",
    "pytest-timeout>=2.3",
    "pytest-xdist>=3.6",
    "hypothesis>=6",
    "gensim>=4.3",
    "pyarrow>=18",
    "build>=1",
    "cython>=3.1",
    "setuptools>=77",
    "wheel",
]
DEV = [*TEST, "ruff>=0.11", "mypy>=1.15", "pre-commit>=4"]

# Without Cython or a compiler there are none: torch, and a regular expression, do their work.
EXTENSIONS = [
    Extension(
        "spacy_lstm_sentiment.models.kernels._lstm",
        [f"{KERNELS}/_lstm.pyx"],
        depends=[f"{KERNELS}/lstm.hh", f"{KERNELS}/recurrence.hh"],
        # No -ffast-math: it would cancel the rounding in the kernel's exponential.
        extra_compile_args=["-std=c++17", "-O3", "-g0", "-ffp-contract=fast", "-Wno-psabi"],
        language="c++",
        optional=True,
    ),
    Extension(
        "spacy_lstm_sentiment.pipeline._split",
        [f"{PIPELINE}/_split.pyx"],
        depends=[f"{PIPELINE}/split.hh"],
        extra_compile_args=["-std=c++17", "-O3", "-g0"],
        language="c++",
        optional=True,
    ),
]


class BuildPy(build_py):
    """Puts the training configs, which live beside the package, into it."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            self.copy_tree("configs", f"{self.build_lib}/spacy_lstm_sentiment/configs")


setup(
    name="spacy-lstm-sentiment",
    version="0.2.0",
    description="Sentiment for spaCy: an LSTM over static vectors, trained by config, fast on CPUs",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    license_files=["LICENSE"],
    python_requires=">=3.10",
    packages=find_packages(include=["spacy_lstm_sentiment", "spacy_lstm_sentiment.*"]),
    include_package_data=True,
    ext_modules=EXTENSIONS,
    cmdclass={"build_py": BuildPy},
    install_requires=[
        "spacy>=3.8.7,<4",
        "thinc>=8.3.4,<9",
        "torch>=2.4",
        "numpy>=1.26",
        "safetensors>=0.4.3",
        "filelock>=4.1",
        "typer>=0.20",
        "tqdm>=4.66",
        "fsspec[http]>=2024.12",
        'backports.zstd>=1; python_version < "3.14"',
        "rich>=13",
    ],
    extras_require={
        "test": TEST,
        "dev": DEV,
        "word2vec": ["gensim>=4.3"],
        "arrow": ["pyarrow>=18"],
        "frames": FRAMES,
        "s3": S3,
        "gcs": ["gcsfs>=2025.2"],
        "azure": ["adlfs>=2024.12"],
        "distill": ["scikit-learn>=1.4"],
        "teacher": TEACHER,
        "bench": [
            "scikit-learn>=1.4",
            "vaderSentiment>=3.3",
            "spacytextblob>=5",
            "asent>=0.8",
            "transformers>=4.40",
        ],
        "reports": REPORTS,
        "insights": INSIGHTS,
        "tensorboard": TENSORBOARD,
        "tune": TUNE,
        "docs": ["mkdocs-material>=9.6"],
        "ray": RAY,
        "cuda12x": ["cupy-cuda12x>=13"],
        "cuda13x": ["cupy-cuda13x>=13.6"],
    },
    entry_points={
        "console_scripts": ["spacy-lstm-sentiment = spacy_lstm_sentiment.cli:main"],
        "spacy_cli": ["lstm-sentiment = spacy_lstm_sentiment.cli.spacy_group:group"],
        "spacy_factories": [
            "lstm_sentiment = spacy_lstm_sentiment.pipeline.component:make_lstm_sentiment",
            "lstm_sentiment_en = spacy_lstm_sentiment.pipeline.shipped:make_lstm_sentiment_en",
        ],
        "spacy_architectures": [
            "spacy-lstm-sentiment.StaticVectors.v1"
            " = spacy_lstm_sentiment.models.static_vectors:StaticVectors",
            "spacy-lstm-sentiment.WordTable.v1 = spacy_lstm_sentiment.models.word_table:WordTable",
            "spacy-lstm-sentiment.LSTMEncoder.v1"
            " = spacy_lstm_sentiment.models.lstm_encoder:LSTMEncoder",
            "spacy-lstm-sentiment.PretrainLanguageModel.v1"
            " = spacy_lstm_sentiment.models.language_model:PretrainLanguageModel",
            "spacy-lstm-sentiment.NgramBag.v1 = spacy_lstm_sentiment.models.ngrams:NgramBag",
            "spacy-lstm-sentiment.TextClassifier.v1"
            " = spacy_lstm_sentiment.models.text_classifier:TextClassifier",
        ],
        "spacy_batchers": [
            "spacy-lstm-sentiment.batch_by_length.v1"
            " = spacy_lstm_sentiment.training.batching:batch_by_length",
        ],
        "spacy_loggers": [
            "spacy-lstm-sentiment.JSONLLogger.v1"
            " = spacy_lstm_sentiment.training.jsonl_logger:JSONLLogger",
            "spacy-lstm-sentiment.TensorBoardLogger.v1"
            " = spacy_lstm_sentiment.training.tensorboard_logger:TensorBoardLogger",
        ],
        "spacy_readers": [
            "spacy-lstm-sentiment.ReviewCorpus.v1"
            " = spacy_lstm_sentiment.training.corpus:ReviewCorpus",
            "spacy-lstm-sentiment.SegmentCorpus.v1"
            " = spacy_lstm_sentiment.training.segments:SegmentCorpus",
        ],
        "spacy_scorers": [
            "spacy-lstm-sentiment.sentiment_scorer.v1"
            " = spacy_lstm_sentiment.pipeline.metrics:make_sentiment_scorer",
        ],
        "spacy_tokenizers": [
            "spacy-lstm-sentiment.CleaningTokenizer.v1"
            " = spacy_lstm_sentiment.pipeline.tokenizers:CleaningTokenizer",
            "spacy-lstm-sentiment.FastTokenizer.v1"
            " = spacy_lstm_sentiment.pipeline.fast_tokenizer:FastTokenizer",
            "spacy-lstm-sentiment.WhitespaceTokenizer.v1"
            " = spacy_lstm_sentiment.pipeline.tokenizers:WhitespaceTokenizer",
        ],
    },
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Developers",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Text Processing :: Linguistic",
    ],
)
