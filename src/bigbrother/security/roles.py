"""The one table of roles and what each may do."""

from typing import Literal

Role = Literal["admin", "writer", "reader"]
Permission = Literal[
    "images:analyze",
    "gallery:identify",
    "gallery:read",
    "gallery:write",
    "crops:read",
    "subjects:export",
    "models:read",
    "metrics:read",
    "tokens:manage",
    "batches:all",
    "engine:manage",
]

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    "admin": frozenset(
        {
            "images:analyze",
            "gallery:identify",
            "gallery:read",
            "gallery:write",
            "crops:read",
            "subjects:export",
            "models:read",
            "metrics:read",
            "tokens:manage",
            "batches:all",
            "engine:manage",
        }
    ),
    "writer": frozenset(
        {
            "images:analyze",
            "gallery:identify",
            "gallery:read",
            "gallery:write",
            "crops:read",
            "models:read",
        }
    ),
    "reader": frozenset(
        {"images:analyze", "gallery:identify", "gallery:read", "models:read", "metrics:read"}
    ),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether the role holds the permission."""
    return permission in PERMISSIONS[role]
