"""`ops.db`: the one file in which the watcher keeps what it knows."""
