"""What people see: the office of the merchant's staff and the portal of its customers."""
