"""The Python client of the face analyzer; begin at `face_client`: FaceClient, AsyncFaceClient."""
