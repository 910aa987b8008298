"""The portal: what a customer sees and chooses."""
