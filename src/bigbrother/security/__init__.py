"""Who may do what, and the keys that protect what is stored."""
