"""Where episodes are composed: in this process, or in others, within limits."""
