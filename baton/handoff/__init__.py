"""The treaty between marketing and sales, the one place that knows both."""
