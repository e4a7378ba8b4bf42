//! What a person is told when something did not work: the screens hold a sentence for each code, in both languages, that says
//! what happened, whether the data is safe, and what to do.

use domain::form::FieldProblem;
use serde::{Deserialize, Serialize};

/// A failure as a screen shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UiError {
    /// Which sentence.
    pub code: ErrorCode,
    /// What to say beside the fields.
    #[serde(default)]
    pub problems: Vec<FieldProblem>,
    /// Changes that are kept on this device and not yet answered.
    #[serde(default)]
    pub waiting: u64,
    /// Seconds until it makes sense to try again; 0 when at once.
    #[serde(default)]
    pub retry_after_s: u64,
}

impl UiError {
    /// A failure without fields.
    pub fn of(code: ErrorCode) -> UiError {
        UiError { code, problems: Vec::new(), waiting: 0, retry_after_s: 0 }
    }

    /// A form that cannot be saved as it is.
    pub fn form(problems: Vec<FieldProblem>) -> UiError {
        UiError { problems, ..UiError::of(ErrorCode::Form) }
    }
}

/// One code for each sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Some fields have to be mended.
    Form,
    /// This device belongs to nobody yet.
    NotEnrolled,
    /// Sign in first.
    SignedOut,
    /// Unlock first.
    Locked,
    /// The PIN is not right.
    WrongPin,
    /// The key was destroyed, or is not where it was kept: nothing here can be read.
    KeyGone,
    /// This build does not encrypt, and the file is encrypted.
    Encrypted,
    /// The key store does not answer.
    Keys,
    /// Too long without the server: synchronise first.
    LeaseOver,
    /// The server has to be reached once before this.
    SyncFirst,
    /// What was not sent has to be handed in first.
    HandInFirst,
    /// Login or password is not right.
    WrongPassword,
    /// The one-time code is wrong, used or too old.
    WrongCode,
    /// Too many tries.
    TooManyTries,
    /// The record is not on this device.
    NotFound,
    /// This account may not do that.
    NotAllowed,
    /// It has changed since it was shown.
    Stale,
    /// Something else still refers to it.
    InUse,
    /// No connection.
    Unreachable,
    /// The server said no to the secret.
    Unauthorised,
    /// This device was revoked.
    Revoked,
    /// The server does not know this device any more.
    UnknownDevice,
    /// The server has another history of this device.
    Forked,
    /// The app is too old.
    TooOld,
    /// The server asked to wait.
    Busy,
    /// The server failed.
    Server,
    /// No space left: the form stays open.
    DiskFull,
    /// The file cannot be written.
    ReadOnly,
    /// The file is from a newer version.
    FileNewer,
    /// The file is damaged; a copy was set aside.
    FileCorrupt,
    /// The chosen file is empty.
    PhotoEmpty,
    /// The chosen file is larger than a photo is.
    PhotoTooLarge,
    /// An iPhone's own format, which cannot be read here.
    PhotoHeic,
    /// No JPEG, PNG or WebP.
    PhotoUnknown,
    /// The picture is cut off or broken.
    PhotoDamaged,
    /// More pixels than a camera has.
    PhotoPixels,
    /// Its bytes are not on this device, and could not be fetched.
    PhotoNotHere,
    /// Its bytes were cleaned up: the file has to be chosen again.
    PhotoGone,
    /// The message could not be read.
    Malformed,
    /// A mistake of ours.
    Internal,
    /// The program behind the screens does not answer; said by the screens themselves.
    NoAnswer,
}
