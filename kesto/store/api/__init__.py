"""What the API shows, read set-based for a whole page at a time; nothing here writes."""
