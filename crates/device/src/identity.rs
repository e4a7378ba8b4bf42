//! Whose file this is: what stands in it, what is kept outside it, and going on under another number when the two, or the
//! server, tell different stories (protocol §9). Nobody is bothered with it: nothing is lost, and the old number takes no
//! more pushes.

use domain::ids::uuid_v7;
use domain::{AccountId, DeviceNumber};
use serde::{Deserialize, Serialize};
use store::device::{Durability, View};
use sync_protocol::{AccountInfo, Ask, Position, Renew, Renewal, Secret, SyncError, SyncServer, Told};
use ui_protocol::session::{Renewed as Shown, RenewedWhy};
use ui_protocol::{ErrorCode, UiError};

use crate::error::Failure;
use crate::surroundings::Credentials;
use crate::{Device, rescue};

/// Where number, secret and installation are kept together, outside the file: one value, so that a crash leaves the old or
/// the new one and never half of each.
pub(crate) const KEPT: &str = "doorstep-device";
/// Where release 0.1 kept the secret.
pub(crate) const SECRET_0_1: &str = "doorstep-device-secret";
/// Where release 0.1 kept the installation's name.
const INSTALL_0_1: &str = "doorstep-install";
/// What is remembered of the last new number.
const RENEWED: &str = "renewed";
/// The installation's name to be, while a new number is asked for.
const RENEWING: &str = "renewing";
/// How long a new number is mentioned on the screen.
const MENTIONED_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// What enrolment leaves in the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) server: String,
    pub(crate) device: DeviceNumber,
    pub(crate) epoch: String,
    pub(crate) account: AccountInfo,
    pub(crate) install: String,
    /// What is taken off a change's number on the way out: a device that was enrolled again counts from one again, and only
    /// the envelope is renumbered.
    #[serde(default)]
    pub(crate) seq_base: u64,
}

/// What enrolment leaves outside the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) device: DeviceNumber,
    pub(crate) secret: Secret,
    pub(crate) install: String,
    /// Whose device it is: where a damaged file cannot say it any more.
    #[serde(default)]
    pub(crate) account: Option<AccountId>,
}

#[derive(Serialize, Deserialize)]
struct Mention {
    why: Renewal,
    at_unix_ms: i64,
}

/// A place in the outbox under the present device number; nothing from before it.
pub(crate) fn on_the_wire(position: Option<Position>, seq_base: u64) -> Option<Position> {
    position.filter(|(seq, _)| *seq > seq_base).map(|(seq, id)| (seq - seq_base, id))
}

impl Device {
    pub(crate) fn identity(&self, view: &View<'_>) -> Result<Option<Identity>, Failure> {
        Ok(view.meta("identity")?.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    /// What is kept outside the file; what release 0.1 kept, under the number in the file.
    pub(crate) fn kept(&self, identity: &Identity) -> Result<Kept, Failure> {
        let get = |name: &str| self.around.keys().get(name).map_err(|_| Failure::from(ErrorCode::Unauthorised));
        if let Some(text) = get(KEPT)? {
            return Ok(serde_json::from_str(&text)?);
        }
        let secret = get(SECRET_0_1)?.ok_or(ErrorCode::Unauthorised)?;
        let install = get(INSTALL_0_1)?.unwrap_or_default();
        Ok(Kept { device: identity.device, secret: Secret(secret), install, account: Some(identity.account.id) })
    }

    /// Whose the device was that last kept something here, whatever became of its file.
    pub(crate) fn kept_account(&self) -> Option<AccountId> {
        let text = self.around.keys().get(KEPT).ok()??;
        serde_json::from_str::<Kept>(&text).ok()?.account
    }

    pub(crate) fn keep(&self, kept: &Kept) -> Result<(), Failure> {
        let text = serde_json::to_string(kept)?;
        self.around.keys().set(KEPT, &text).map_err(|_| UiError::of(ErrorCode::Internal).into())
    }

    /// Keeps under today's name what release 0.1 kept under two.
    pub(crate) fn keep_what_0_1_kept(&self) -> Result<(), Failure> {
        let Some(identity) = self.store.read(|view| self.identity(view))? else { return Ok(()) };
        let kept = self.kept(&identity)?;
        self.keep(&kept)
    }

    pub(crate) fn credentials(&self, identity: &Identity) -> Result<Credentials, Failure> {
        let kept = self.kept(identity)?;
        Ok(Credentials { device: kept.device, secret: kept.secret.0 })
    }

    /// Whether the file is not where it was enrolled: it names another installation than what is kept outside it.
    pub(crate) fn is_elsewhere(&self, identity: &Identity) -> bool {
        self.kept(identity).is_ok_and(|kept| kept.install != identity.install || kept.device != identity.device)
    }

    pub(crate) fn new_install(&self) -> String {
        uuid_v7(self.around.unix_ms().unsigned_abs(), self.around.random()).to_string()
    }

    /// Asks for another number and goes on under it. The file stays as it is: what is not answered is numbered anew, which is the
    /// envelope only; what was pulled stays pulled, since a cursor tells the truth about its file.
    pub(crate) fn renew(&self, server: &dyn SyncServer, identity: &Identity, why: Option<Renewal>) -> Result<(), SyncError> {
        let ours = |_: Failure| SyncError::Server;
        let (acked, newest, asked) =
            self.store.read(|view| Ok::<_, Failure>((view.acked()?, view.newest()?, view.meta(RENEWING)?))).map_err(ours)?;
        // The same name when an answer was lost: the server closes the number that got lost with it.
        let install = match asked.filter(|asked| !asked.is_empty()) {
            Some(asked) => asked,
            None => {
                let install = self.new_install();
                self.store
                    .write(Durability::Full, |writing| writing.set_meta(RENEWING, &install).map_err(Failure::from))
                    .map_err(ours)?;
                install
            }
        };
        let told = server.ask(Ask::Renew(Renew {
            account: identity.account.id,
            install: install.clone(),
            model: self.around.model(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            why,
            acked: on_the_wire(acked, identity.seq_base),
            newest: on_the_wire(newest, identity.seq_base),
        }))?;
        let Told::Renewed(renewed) = told else { return Err(SyncError::Malformed("not a new number".to_owned())) };
        // Outside first: a crash in between makes the file look copied, and it asks again with what is kept.
        let account = Some(identity.account.id);
        self.keep(&Kept { device: renewed.device, secret: renewed.secret, install: install.clone(), account }).map_err(ours)?;
        let mention = Mention { why: renewed.why, at_unix_ms: renewed.server_unix_ms };
        self.store
            .write(Durability::Full, |writing| {
                let seq_base = if rescue::is_another(identity, &renewed.epoch) {
                    rescue::begin(writing)?
                } else {
                    writing.acked()?.map_or(0, |(seq, _)| seq)
                };
                let epoch = renewed.epoch.clone();
                let identity = Identity { device: renewed.device, install, seq_base, epoch, ..identity.clone() };
                writing.set_meta("identity", &serde_json::to_string(&identity)?)?;
                writing.set_meta(RENEWED, &serde_json::to_string(&mention)?)?;
                writing.set_meta(RENEWING, "")?;
                Ok::<_, Failure>(())
            })
            .map_err(ours)
    }

    /// The last new number, while it is worth a sentence.
    pub(crate) fn mentioned(&self, view: &View<'_>) -> Result<Option<Shown>, Failure> {
        let Some(text) = view.meta(RENEWED)? else { return Ok(None) };
        let mention: Mention = serde_json::from_str(&text)?;
        if (self.now() - mention.at_unix_ms).abs() > MENTIONED_MS {
            return Ok(None);
        }
        let why = match mention.why {
            Renewal::Restored => RenewedWhy::Restored,
            Renewal::Cloned => RenewedWhy::Cloned,
            Renewal::Copied => RenewedWhy::Copied,
            Renewal::Server => RenewedWhy::Server,
        };
        Ok(Some(Shown { why, at_unix_ms: mention.at_unix_ms }))
    }
}
