"""The watcher's fastest senses: a unit's death, its silence, and the line to the database."""
