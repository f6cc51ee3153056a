"""The closed loop: from visits to gross margin, per campaign and channel, for a period and since launch."""
