"""What becomes of a finding: episodes, their life cycle, and the alerts that tell of them."""
