"""Pages that are read without churnmodel: one file each, without script and without anything from elsewhere."""
