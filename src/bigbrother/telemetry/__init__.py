"""How the product tells what it does: log lines and metrics, never with secrets in them."""
