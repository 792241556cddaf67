"""docs/frames.md, run from its first block to its last."""

from pages import blocks_of, run_blocks


def test_all_blocks_run(tmp_path):
    run_blocks(blocks_of("docs/frames.md"), tmp_path)
