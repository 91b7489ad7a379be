"""The document in the words of Prometheus and Alertmanager, for who runs them beside us."""
