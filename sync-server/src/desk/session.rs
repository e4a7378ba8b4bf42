//! Signing in at the desk: a password for a cookie, which ends when it lies idle.

use domain::digest::text_hash_hex;
use store::server::{AccountRow, AuditLine};
use sync_protocol::SyncError;
use ui_protocol::desk::MeReply;
use ui_protocol::{ErrorCode, UiError};

use super::DeskCaller;
use crate::clock::random_hex;
use crate::core::Core;
use crate::failure::Failure;
use crate::passwords;

/// A desk left alone this long is signed out.
pub const SESSION_IDLE_MS: i64 = 30 * 60 * 1000;
/// Nobody stays signed in longer than a shift.
pub const SESSION_MS_MAX: i64 = 12 * 60 * 60 * 1000;
/// How exactly idleness is measured: each note is a write.
const TOUCH_MS: i64 = 60 * 1000;

impl Core {
    /// Signs in; answers the token for the cookie and who it is.
    ///
    /// # Errors
    /// [`ErrorCode::WrongPassword`], [`ErrorCode::TooManyTries`]; [`ErrorCode::NotAllowed`] for who has no desk.
    pub fn desk_sign_in(&self, login: &str, password: &str) -> Result<(String, MeReply), UiError> {
        let account = match self.prove(&passwords::clean_login(login), password) {
            Ok(account) => account,
            Err(Failure::Sync(SyncError::Busy { retry_after_ms })) => {
                return Err(UiError { retry_after_s: retry_after_ms.div_ceil(1000), ..UiError::of(ErrorCode::TooManyTries) });
            }
            Err(Failure::Sync(SyncError::WrongPassword)) => return Err(UiError::of(ErrorCode::WrongPassword)),
            Err(failure) => return Err(failure.into_desk()),
        };
        self.begin_session(account).map_err(Failure::into_desk)
    }

    fn begin_session(&self, account: AccountRow) -> Result<(String, MeReply), Failure> {
        let caller = self.look(|view| DeskCaller::of(view, account))?;
        let token = random_hex(&*self.dice, 32);
        let (hash, id, now_unix_ms) = (text_hash_hex(&token), caller.account.id, self.now_unix_ms());
        self.write(move |write| {
            write.add_session(&hash, id, now_unix_ms, now_unix_ms - SESSION_IDLE_MS)?;
            let id = id.to_string();
            Ok(write.add_audit(AuditLine {
                at_unix_ms: now_unix_ms,
                actor: &id,
                action: "desk.sign_in",
                subject: &id,
                detail: "",
            })?)
        })?;
        Ok((token, self.look(|view| self.me(view, &caller))?))
    }

    /// Who a cookie belongs to.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`].
    pub fn desk_caller(&self, token: &str) -> Result<DeskCaller, UiError> {
        self.find_session(token).map_err(Failure::into_desk)
    }

    fn find_session(&self, token: &str) -> Result<DeskCaller, Failure> {
        let (hash, now_unix_ms) = (text_hash_hex(token), self.now_unix_ms());
        let (caller, seen_unix_ms) = self.look(|view| {
            let signed_out = Failure::Desk(ErrorCode::SignedOut);
            let holds = |session: &store::server::SessionRow| {
                now_unix_ms - session.seen_unix_ms < SESSION_IDLE_MS && now_unix_ms - session.created_unix_ms < SESSION_MS_MAX
            };
            let Some(session) = view.session(&hash)?.filter(holds) else { return Err(signed_out) };
            let Some(account) = view.account(session.account)?.filter(|account| !account.disabled) else {
                return Err(signed_out);
            };
            Ok((DeskCaller::of(view, account)?, session.seen_unix_ms))
        })?;
        if now_unix_ms - seen_unix_ms > TOUCH_MS {
            self.write(move |write| Ok(write.touch_session(&hash, now_unix_ms)?))?;
        }
        Ok(caller)
    }

    /// Signs out. Nothing when nobody was signed in.
    ///
    /// # Errors
    /// As the store says.
    pub fn desk_sign_out(&self, token: &str) -> Result<(), UiError> {
        let hash = text_hash_hex(token);
        self.write(move |write| Ok(write.drop_session(&hash)?)).map_err(Failure::into_desk)
    }
}
