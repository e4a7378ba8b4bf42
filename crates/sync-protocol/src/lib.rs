//! What devices and the server say to each other. Old devices speak it for months: add, never rename.
//!
//! The wire form is positional JSON (tuples) under zstd with a shared dictionary; the shapes here have names.
//! `docs/sync-protocol.md` tells it in words.

pub mod account;
pub mod ask;
pub mod blob;
pub mod exchange;
pub mod history;
pub mod lookup;
pub mod own;
pub mod renew;
pub mod sealed;
pub mod wire;

#[cfg(feature = "codec")]
pub mod codec;
#[cfg(feature = "codec")]
pub mod form2;

pub use account::{AccountInfo, EnrolReply, EnrolRequest, PasswordReply, PasswordRequest, SignInRequest};
pub use ask::{Ask, Told};
pub use exchange::{
    ExchangeReply, ExchangeRequest, OwnRecord, Position, PushedChange, ScopeReply, ScopeState, SyncError, SyncServer, Verdict,
};

pub use renew::{OFFERS_MAX, Offer, Renew, Renewal, Renewed, Secret};

/// The version of this protocol. Since 2 a device knows form 2 of the bytes, its own changes come back as what the server added
/// to them, and a scope with nothing new is not mentioned.
pub const PROTOCOL: u32 = 2;
/// The first version that does so.
pub const PROTOCOL_OWN_MIN: u32 = 2;
/// The oldest protocol whose devices may still pull; an older one may push.
pub const PROTOCOL_PULL_MIN: u32 = 1;

/// A body on the wire, compressed.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// The same, inflated; checked while inflating.
pub const INFLATED_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Changes in one push.
pub const CHANGES_MAX: usize = 500;
/// Changes in one save, which is never split.
pub const TXN_CHANGES_MAX: usize = 200;
/// Records in one answer.
pub const RECORDS_MAX: usize = 500;
/// Bytes of one change as JSON: a form is far below, a photo does not travel this way.
pub const CHANGE_BYTES_MAX: usize = 64 * 1024;
/// Scopes one device may name.
pub const SCOPES_MAX: usize = 256;

/// Media type of an exchange's bodies in form 1.
pub const MEDIA_TYPE: &str = "application/vnd.doorstep.sync";
/// Media type of an exchange's bodies in form 2.
pub const MEDIA_TYPE_2: &str = "application/vnd.doorstep.sync2";
/// Path of the exchange.
pub const EXCHANGE_PATH: &str = "/sync/v1/exchange";
/// Path of small questions.
pub const ASK_PATH: &str = "/sync/v1/ask";
/// Path of enrolment.
pub const ENROL_PATH: &str = "/sync/v1/enrol";
/// Path where an enrolled device checks a password.
pub const SIGN_IN_PATH: &str = "/sync/v1/sign-in";
/// Path where a forgotten password is set anew with a one-time code.
pub const PASSWORD_PATH: &str = "/sync/v1/password";
