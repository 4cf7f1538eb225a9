"""What waits in the outbox leaves: statements to their LRS, 'klaar' to the portal."""
