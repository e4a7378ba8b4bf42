//! The device behind `POST /call`, for a plain browser on the same machine.
