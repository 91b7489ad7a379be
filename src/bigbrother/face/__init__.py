"""The watched: the face analyzer."""
