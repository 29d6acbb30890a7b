"""What the world reaches of this program: the provider's webhook, and the link by which staff take an urgent caller."""
