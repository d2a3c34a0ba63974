"""What happens later: garbage, orphans, abandoned uploads."""
