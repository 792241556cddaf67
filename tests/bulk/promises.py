"""The promises of docs/bulk.md, word for word, and the names of the tests that hold each."""

# ruff: noqa: E501  # the sentences are those of the page

FILES = {
    "command": "tests/cli/test_score_command.py",
    "disks": "tests/cli/test_score_disks.py",
    "faults": "tests/cli/test_score_faults.py",
    "page": "tests/cli/test_score_page.py",
    "resumed": "tests/cli/test_score_resumed.py",
    "same": "tests/cli/test_same_files.py",
    "workers": "tests/cli/test_score_workers.py",
}
PROMISES = {
    "**Each row of the input is in the output once, or in the rejects once.**": [
        "plan::every_record_comes_out_once_in_its_place",
        "tables::every_row_of_a_broken_table_is_one_of_its_rows",
        "formats::nonsense_is_read_or_rejected_line_by_line",
    ],
    "The rejects are lines of JSON: `source`, `line`, `reason`, `raw` (the row as it was; bytes that"
    " are no text are surrogate escapes such as `\\udcff`), `left_out` where only its first 10,000"
    " characters are there (how many more there were), and `id` with `--id-field`.": [
        "encoders::rejects_are_json_whatever_they_hold",
        "sources::bytes_that_are_not_utf8",
        "hostile_rows::a_reject_says_what_is_left_out_of_it",
        "plan::rejects_can_have_the_id_of_their_row",
    ],
    "Bytes in no encoding, broken JSON, values nested however deep, a missing text, a row of the"
    " wrong width, NUL bytes, half surrogate pairs, a text that is too long for spaCy, a text on"
    " which the pipeline fails: none of them stops a run, `--max-errors` does if you like.": [
        "run::bad_rows_are_put_aside_and_the_run_goes_on",
        "plan::what_is_wrong_with_a_record_is_said",
        "hostile_rows::values_nested_however_deep",
        "sources::a_row_that_does_not_fit_the_table",
        "encodings::a_nul_byte_is_no_text",
        "run::too_many_errors_stop_a_run_and_more_are_allowed_later",
    ],
    "A file that is cut short gives all its whole rows, and one reject for the rest.": [
        "encodings::every_compression_whole_and_cut_short",
    ],
    "A file that vanishes gives a reject; of one that is read in [pieces](#how-and-what-survives-what) and vanishes, or is replaced or cut while the run works, each piece that is left does. What is appended to such a one is not of the run, but for the end of its last line.": [
        "run::a_file_that_vanishes_is_a_reject",
        "objects::an_object_that_vanishes_is_a_reject",
        "splits::of_a_file_that_is_another_now_no_row_is_taken_for_one_of_the_run",
        "splits::what_is_appended_to_a_file_is_not_of_the_run",
    ],
    "Where a URL fails while it is read, after what its library has tried again, or where an object is"
    " replaced meanwhile, the rows before are read, and one reject tells of the rest.": [
        "objects::rows_before_a_failure_are_read_and_the_rest_is_a_reject",
        "objects::what_fails_now_and_then_costs_time_and_no_row",
        "urls::an_answer_that_is_cut_short_is_a_reject",
    ],
    "A line of more than 16,777,216 characters is rejected in pieces, in order, each a reject with"
    " a number as `piece`.": [
        "encodings::a_line_that_is_too_long_comes_in_pieces",
        "hostile_rows::each_piece_of_a_line_is_counted",
    ],
    "Where `--max-errors` stops a run, nothing is written of the shard that it stops at.": [
        "promises::nothing_of_the_shard_at_which_errors_stop_a_run"
    ],
    "**No text, no score**, in all formats: a text that is null, empty, blank or nothing but tags is"
    " a reject, or, with `--keep-empty`, in the output with empty results.": [
        "empty::no_text_is_no_score",
        "empty::rows_without_a_text_can_be_kept",
        "empty::rows_without_a_text_are_kept_in_tables",
    ],
    "Blank lines of JSONL, CSV and TSV are no rows.": [
        "sources::a_last_line_without_an_end_and_blank_lines"
    ],
    "**No line of a broken cell becomes a row.**": ["tables::no_line_of_a_broken_cell_is_a_row"],
    "Where quotes inside of a cell of CSV are not doubled, the row is rejected, and reading goes on"
    " with the first line from which on three rows have a cell in quotes after a delimiter and no"
    " row is broken (or 1,000 rows, or all to the end of the file, without a quote); rows that fit,"
    ' but may belong to the broken cell, are rejected as "beside broken quoting".': [
        "tables::rows_that_may_be_the_rest_of_a_broken_one_are_rejected",
        "tables::a_broken_row_costs_no_more_than_its_neighbours",
    ],
    "In a table of one column any line looks like a row: after a broken one all are rejected up to"
    " the end, unless no quote follows. What is a row to any reader of CSV"
    ' (`"5"` and `"Oh"` in two lines) is one here.': [
        "promises::a_table_of_one_column",
        "tables::every_row_of_a_broken_table_is_one_of_its_rows",
    ],
    "**The output appears whole, by one rename**, when it is on the disk; so do the rejects, before"
    " it.": [
        "promises::what_is_renamed_is_on_the_disk",
        "faults::killed_at_the_very_end_and_resumed",
    ],
    "Without rejects there is no file of them: that of an earlier run goes with `--force`, and a"
    " file of anything else is never replaced by rejects, nor removed.": [
        "workspace::rejects_of_an_earlier_run_go_with_force_and_stay_without",
        "workspace::what_is_no_file_of_rejects_is_never_replaced",
    ],
    "**Nothing is overwritten** without `--force`, also not what comes while a run works, and an"
    " input never.": [
        "refused_runs::what_cannot_work_is_refused_before_anything_is_written",
        "workspace::what_comes_while_a_run_works_is_not_replaced",
        "same::no_output_is_an_input",
    ],
    "Two of inputs, output and rejects that are one file, by another spelling, a link, capitals or"
    " the shell, are refused; so is an output inside of an input folder, since the next run would"
    " read it.": [
        "same::no_two_outputs_are_one",
        "same::what_the_shell_leads_to_a_file",
        "same::names_that_only_some_file_systems_tell_apart",
        "run::an_output_inside_an_input_folder_is_refused",
    ],
    "A folder `OUTPUT.spacy-lstm-sentiment` that no run has made is refused and left alone, and so"
    " is what somebody puts among a run's parts.": [
        "workspace::a_folder_that_no_run_has_made_is_refused_and_left_alone",
        "workspace::what_somebody_has_put_among_the_parts_stays",
    ],
    "**The output does not depend on** interruptions or workers that died, nor on `--n-process`, up"
    " to rounding in the sixth digit.": [
        "faults::killed_at_random_moments_and_resumed",
        "faults::a_worker_that_is_killed",
        "run::processes_write_the_same_file",
    ],
    "**Memory is bounded** by a few shards, of at most 33,554,432 characters each (bytes, in"
    " columns), for any number of rows, any length of a line and any patience of who reads standard"
    " output.": [
        "engine::no_more_is_read_than_a_few_shards",
        "parts::long_rows_make_small_shards",
        "types::long_rows_of_columns_make_small_shards",
        "encodings::a_line_that_is_too_long_comes_in_pieces",
    ],
    "The inputs are cut into splits, which are read where they are scored: pieces of JSONL and of text that begin at a line, row groups of Parquet, record batches of Arrow; tables and what is compressed are whole, and small files go together. A split has about 1,024 bytes for each row of a shard. Workers read their own splits, unless one of them is so long that others would wait for it; then one process reads for all, which makes no difference to the output. What can be read but once, `--limit` and standard output are read in one go.": [
        "splits::any_lines_are_the_same_rows_in_splits_of_any_size",
        "splits::columns_are_the_same_rows_in_splits_of_any_size",
        "splits::tables_and_what_is_compressed_are_whole",
        "splits::a_long_file_is_many_splits_and_short_ones_go_together",
        "split_runs::workers_read_and_the_main_process_looks_at_no_more_than_the_beginning",
        "split_runs::who_reads_makes_no_difference_to_a_byte",
    ],
    "The rows of a split are cut into shards of `--shard-size`, and each shard's result is a part file in the"
    " folder `OUTPUT.spacy-lstm-sentiment`: written under another name, synced to the disk, renamed."
    " Once all are there they are joined, and the folder goes.": [
        "promises::what_is_renamed_is_on_the_disk",
        "parts::parts_that_are_not_whole_are_none",
        "parts::parts_are_joined_in_order_however_they_were_cut",
    ],
    "| the run is killed | The parts are there.": ["faults::killed_at_random_moments_and_resumed"],
    "Workers end with the run; on Linux also those that are stuck in a document.": [
        "faults::workers_end_with_a_run_that_is_killed",
        "workers::workers_that_are_stuck_end_with_a_run_that_is_killed",
    ],
    "The same command goes on from them; the output is the same, byte for byte. |": [
        "faults::killed_at_random_moments_and_resumed",
        "faults::killed_at_the_very_end_and_resumed",
    ],
    "| Ctrl-C, SIGTERM | The run ends with exit code 130 or 143 and says how to go on. |": [
        "faults::an_interrupt_stops_and_says_how_to_resume",
        "ray::a_driver_that_is_asked_to_end",
    ],
    "| no memory to read on | The run ends with exit code 1 and says how to go on. |": [
        "faults::no_memory_to_read_on_is_no_broken_file",
    ],
    "| a worker is killed | Another takes its place, and its shard. |": [
        "faults::a_worker_that_is_killed",
        "engine::a_worker_that_is_killed_once_is_no_harm",
    ],
    "| the system has no room for another process | The run goes on with those that there are;"
    " without any, it ends with exit code 1, and the parts stay. |": [
        "workers::a_run_goes_on_with_the_workers_that_can_be_started",
        "workers::a_run_that_can_start_no_worker_ends_in_one_line_and_keeps_its_parts",
    ],
    "| memory runs out, a GPU's too | The shard is done in halves, in a new process where there are"
    " several. A document that alone does not fit, while no other is being scored, is rejected. |": [
        "engine::documents_that_have_no_room_together_are_scored_apart",
        "engine::a_document_for_which_there_is_no_memory_is_rejected",
        "engine::a_document_that_wants_what_others_have_is_scored_alone",
        "memory::errors_that_are_not_to_be_had_here",
    ],
    "| a document that kills each worker, or hangs it | Its shard is halved until it is alone; it is"
    " tried once more and rejected, and the run goes on.": [
        "engine::a_document_that_ends_every_worker_is_found_and_rejected",
        "engine::a_document_that_hangs_every_worker_is_found_and_rejected",
    ],
    "A shard hangs after `--timeout` seconds for each 100,000 characters, and not before"
    " `--timeout`.": ["engine::a_shard_has_time_by_its_characters"],
    "| the disk is full, the folder read-only | An error and exit code 1; the parts stay. Mend it and"
    " give the same command. |": [
        "disks::a_full_disk",
        "disks::a_folder_that_becomes_read_only",
        "disks::files_that_cannot_grow",
    ],
    "| the reader of standard output leaves (`\\| head`) | The run ends without a message. |": [
        "faults::a_closed_pipe_is_no_error_to_speak_of"
    ],
    "| a second run on the same output | It is refused as long as the first lives, which the"
    " operating system tells, in the same process as in another; of a lock that a dead process left,"
    " nothing is noticed. |": [
        "faults::two_runs_at_once",
        "workspace::two_runs_of_a_process_on_one_output",
        "workspace::a_holder_that_is_killed_holds_no_more_though_its_children_live",
    ],
    "`OUTPUT.spacy-lstm-sentiment/manifest.json` pins what the output depends on: the inputs (size,"
    " time of change, a hash of head and tail; of a URL, its size and ETag, or time of change, or, of"
    " a server that tells neither, a hash of its head), a hash of the pipeline, the version of this"
    " package and the options.": [
        "parts::a_change_of_an_input_shows",
        "parts::a_change_of_the_pipeline_shows",
        "parts::the_parts_of_another_run_are_refused",
        "urls::secrets_are_in_no_file_of_a_run",
        "urls::a_page_that_has_changed_is_another_input",
        "objects::an_object_that_has_changed_is_another_input",
    ],
    "A run with the same manifest goes on by itself, and says so. Any other is refused, with what"
    " differs; `--no-resume` starts over.": ["resumed::another_run_is_not_resumed"],
    "`--n-process`, `--timeout`, `--gpu-id`, `--engine` and its options, `--max-errors` and"
    " `--quiet` may change.": [
        "promises::what_the_output_does_not_depend_on_may_change",
        "ray::a_document_that_kills_every_actor_is_left_for_another_engine",
    ],
    "Standard input and named pipes can be read only once: a run from them is not resumed.": [
        "parts::an_input_that_cannot_be_read_twice_is_said",
        "run::a_pipe_is_read_once",
    ],
    "| 0 | All rows are scored. |": ["command::scores_a_file_and_says_so"],
    "| 1 | Failure, in one line on standard error; also a closed pipe. |": [
        "command::an_error_is_one_line",
        "command::a_reader_that_leaves_early_is_no_traceback",
    ],
    "| 2 | Wrong usage. |": ["command::wrong_usage_exits_with_2"],
    "| 3 | All is done, and some rows are in the rejects. |": [
        "command::rejects_make_the_exit_code_3"
    ],
    "| 130, 143 | Interrupted by Ctrl-C, by SIGTERM. |": [
        "faults::an_interrupt_stops_and_says_how_to_resume"
    ],
    "Progress goes to standard error: a bar on a terminal, else a line every 30 seconds; `--quiet`"
    " has none.": [
        "progress::a_bar_on_a_terminal_knows_the_end",
        "progress::a_line_now_and_then_in_a_log",
        "progress::quiet_is_quiet",
    ],
    "At the end there is a summary, with `--json` for machines on standard output (on standard error"
    " with `--output -`). It warns where more than 30% of the words have no vector, as in texts of"
    " another language.": ["command::a_summary_for_machines", "run::a_summary_for_people"],
    "It is made of counters that each part has of its own rows, so that nothing is read twice, and a"
    " run that goes on has it whole.": ["page::a_run_that_goes_on_counts_what_was_done"],
}
# What is told without a promise in it: words of the page's own making, and where to read on.
TOLD = [
    "## What is guaranteed",
    "## How, and what survives what",
    "## Resuming",
    "## Exit codes",
    "| What happens | What comes of it |",
    "| Code | Meaning |",
    "It needs the space of the output a second time.",
    "That takes two processes: with `--n-process 1`, all is done in one, which it ends or stops. |",
    "Standard output has no parts: a run to it starts anew.",
    "`--html page.html` also writes a page on the results: shares of the labels with their"
    " intervals, the distribution of the sentiment, and, for each `--by` column, its groups.",
    "What changed over time, and in which words: [insights.md](insights.md).",
]
