"""The ways in which people are told: a closed folder for each kind of channel."""
