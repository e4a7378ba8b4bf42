//! What pages use: asking, submitting, keeping drafts, saying things.

mod call;
mod camera;
mod draft;
mod file;
mod frame;
mod idle;
mod keys;
mod network;
mod notices;
mod pages;
mod submit;
mod theme;
mod typing;

pub use call::{Answer, Asked, use_call};
pub use camera::{CameraState, Picture, read_picture, use_camera};
pub use draft::{Draft, use_draft, use_draft_of_record};
pub use file::{ReadFile, read_file};
pub use frame::{Frame, use_frame};
pub use idle::use_idle_lock;
pub use keys::use_keys;
pub use network::use_network;
pub use notices::{Notice, NoticeBoard, Notices, use_notices};
pub use pages::{Listed, Paged, use_pages};
pub use submit::{Submission, Submit, use_submit};
pub use theme::{apply_settings, use_dark_system};
pub use typing::{Checks, Remembered, use_checks, use_remembered, use_rested};

use yew::prelude::*;

use crate::backend::Asker;

/// Who answers this page's questions.
#[hook]
pub fn use_asker() -> Asker {
    use_context::<Asker>().expect("every page stands below the app, which provides it")
}
