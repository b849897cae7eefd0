"""What people ask for: (desk, actor, request) -> checked, journalled, stored as intent."""
