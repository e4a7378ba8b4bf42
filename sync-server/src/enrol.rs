//! A device becomes somebody's with a one-time code; a person proves a password, or sets a new one.

use domain::DeviceNumber;
use domain::digest::text_hash_hex;
use store::StoreError;
use store::server::{AccountRow, AuditLine, DeviceRow, Write};
use sync_protocol::{AccountInfo, EnrolReply, EnrolRequest, PasswordReply, PasswordRequest, Renewal, SignInRequest, SyncError};

use crate::accounts::{audit, is_login};
use crate::caller::Credentials;
use crate::clock::random_hex;
use crate::core::Core;
use crate::failure::{AdminError, Failure};
use crate::passwords;

/// How long an enrolment code is valid.
pub const ENROL_CODE_MS: i64 = 15 * 60 * 1000;
/// Tries after which a right code is spent.
const CODE_TRIES_MAX: u32 = 5;
/// Characters of what a device says about itself.
const ABOUT_CHARS_MAX: usize = 100;
/// The counter of device numbers.
const DEVICE: &str = "device";

pub(crate) fn info(account: &AccountRow) -> AccountInfo {
    AccountInfo { id: account.id, login: account.login.clone(), name: account.name.clone(), role: account.role }
}

pub(crate) fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(ABOUT_CHARS_MAX).collect()
}

impl Core {
    /// A one-time code for a new device of this account.
    ///
    /// # Errors
    /// [`AdminError::NoAccount`].
    pub fn enrol_code(&self, login: &str) -> Result<String, Failure> {
        let login = passwords::clean_login(login);
        let code = passwords::fresh_code(&*self.dice);
        let (hash, now_unix_ms) = (text_hash_hex(&code), self.now_unix_ms());
        self.write(move |write| {
            let account = write.account_by_login(&login)?.filter(|account| !account.disabled).ok_or(AdminError::NoAccount)?;
            write.put_enrol_code(&hash, account.id, now_unix_ms, now_unix_ms + ENROL_CODE_MS)?;
            audit(write, now_unix_ms, "device.code", &account.id.to_string(), "")
        })?;
        Ok(code)
    }

    /// Turns a one-time code into a device.
    ///
    /// # Errors
    /// [`SyncError::WrongCode`] for a code that is wrong, used or too old; [`SyncError::WrongPassword`] for a wrong password.
    pub fn enrol(&self, request: EnrolRequest) -> Result<EnrolReply, SyncError> {
        self.enrol_inner(request).map_err(Failure::into_sync)
    }

    fn enrol_inner(&self, request: EnrolRequest) -> Result<EnrolReply, Failure> {
        let hash = text_hash_hex(&passwords::clean_code(&request.code));
        let now_unix_ms = self.now_unix_ms();
        let holds =
            move |code: &store::server::CodeRow| !code.used && code.expires_unix_ms > now_unix_ms && code.tries < CODE_TRIES_MAX;
        // Who guesses codes does not reach the writer.
        self.look(|view| Ok(view.enrol_code(&hash)?.filter(holds).map(drop).ok_or(SyncError::WrongCode)?))?;
        // The try is counted before the password is weighed: otherwise a hundred at once would all be the first.
        let key = hash.clone();
        let account = self.write(move |write| {
            let code = write.enrol_code(&key)?.filter(holds).ok_or(SyncError::WrongCode)?;
            write.count_enrol_try(&key)?;
            Ok(write.account(code.account)?.filter(|account| !account.disabled).ok_or(SyncError::WrongCode)?)
        })?;
        // Argon2 takes its time: outside the writer.
        if !self.scales.weigh(|| passwords::is_right(&request.password, &account.password_hash)) {
            self.write(move |write| audit_by(write, now_unix_ms, &account, "device.enrol.wrong_password", ""))?;
            return Err(SyncError::WrongPassword.into());
        }
        let secret = random_hex(&*self.dice, 32);
        let new = NewDevice {
            secret_hash: text_hash_hex(&secret),
            install: short(&request.install),
            model: short(&request.model),
            version: short(&request.version),
            was: None,
        };
        let (account_info, clock) = (info(&account), self.clock.clone());
        let (device, epoch) = self.write(move |write| {
            // Two phones with one code: the second comes too late, and so does who took too long. This try was counted.
            let holds = |code: &store::server::CodeRow| {
                !code.used && code.expires_unix_ms > clock.now_unix_ms() && code.tries <= CODE_TRIES_MAX
            };
            if !write.enrol_code(&hash)?.is_some_and(|code| holds(&code)) {
                return Err(SyncError::WrongCode.into());
            }
            write.use_enrol_code(&hash)?;
            let number = add_device(write, &account, new, now_unix_ms)?;
            audit_by(write, now_unix_ms, &account, "device.enrol", &number.to_string())?;
            Ok((number, write.meta("epoch")?.unwrap_or_default()))
        })?;
        Ok(EnrolReply { device, secret, epoch, account: account_info, server_unix_ms: now_unix_ms })
    }

    /// A device without a code or a password, for whoever holds the server's file: the demo, tests.
    ///
    /// # Errors
    /// [`AdminError::NoAccount`].
    pub fn add_device(&self, login: &str, model: &str) -> Result<Credentials, Failure> {
        let (login, model) = (passwords::clean_login(login), short(model));
        let secret = random_hex(&*self.dice, 32);
        let secret_hash = text_hash_hex(&secret);
        let now_unix_ms = self.now_unix_ms();
        let device = self.write(move |write| {
            let account = write.account_by_login(&login)?.ok_or(AdminError::NoAccount)?;
            let version = env!("CARGO_PKG_VERSION").to_owned();
            let new = NewDevice { secret_hash, model, version, ..NewDevice::default() };
            let number = add_device(write, &account, new, now_unix_ms)?;
            audit(write, now_unix_ms, "device.add", &number.to_string(), "")?;
            Ok(number)
        })?;
        Ok(Credentials { device, secret })
    }

    /// Shuts a device out, under every number its installation has or had: whoever holds a copy of the file, with whichever of
    /// its secrets, comes in under none of them. Answers all of these numbers.
    ///
    /// # Errors
    /// [`AdminError::NoDevice`].
    pub fn revoke_device(&self, number: DeviceNumber) -> Result<Vec<DeviceNumber>, Failure> {
        let now_unix_ms = self.now_unix_ms();
        self.write(move |write| {
            write.device(number)?.ok_or(AdminError::NoDevice)?;
            let family = write.device_family(number)?;
            for &number in &family {
                write.revoke_device(number, now_unix_ms)?;
            }
            let detail = format!("{} numbers", family.len());
            audit(write, now_unix_ms, "device.revoke", &number.to_string(), &detail)?;
            Ok(family)
        })
    }

    /// Every device by number, with the login it belongs to.
    ///
    /// # Errors
    /// As the store says.
    pub fn list_devices(&self) -> Result<Vec<(DeviceRow, String)>, Failure> {
        self.look(|view| {
            let with_login = |device: DeviceRow| {
                let login = view.account(device.account)?.map(|account| account.login).unwrap_or_default();
                Ok((device, login))
            };
            view.devices()?.into_iter().map(with_login).collect()
        })
    }

    /// Whether a password is right. The same answer, after the same time, for a login nobody has.
    ///
    /// # Errors
    /// [`SyncError::WrongPassword`]; [`SyncError::Busy`] after too many tries.
    pub fn sign_in(&self, request: &SignInRequest) -> Result<PasswordReply, SyncError> {
        let login = passwords::clean_login(&request.login);
        let account = self.prove(&login, &request.password).map_err(Failure::into_sync)?;
        Ok(PasswordReply { account: info(&account) })
    }

    /// The account of a login with this password.
    pub(crate) fn prove(&self, login: &str, password: &str) -> Result<AccountRow, Failure> {
        if !is_login(login) {
            // Nobody's: it needs no place in the memory, and no weighing.
            return Err(SyncError::WrongPassword.into());
        }
        let now_unix_ms = self.now_unix_ms();
        self.tries.take(login, now_unix_ms).map_err(|retry_after_ms| SyncError::Busy { retry_after_ms })?;
        let account = self.look(|view| Ok(view.account_by_login(login)?.filter(|account| !account.disabled)))?;
        let hash = account.as_ref().map_or("", |account| account.password_hash.as_str());
        let right = self.scales.weigh(|| passwords::is_right(password, hash));
        match account.filter(|_| right) {
            Some(account) => {
                self.tries.forgive(login);
                Ok(account)
            }
            None => Err(SyncError::WrongPassword.into()),
        }
    }

    /// Sets a new password with a one-time code from an administrator.
    ///
    /// # Errors
    /// [`SyncError::WrongCode`] for a code that does not hold; [`SyncError::Malformed`] for a password that is too short;
    /// [`SyncError::Busy`] after too many tries.
    pub fn set_password(&self, request: &PasswordRequest) -> Result<PasswordReply, SyncError> {
        self.set_password_inner(request).map_err(Failure::into_sync)
    }

    fn set_password_inner(&self, request: &PasswordRequest) -> Result<PasswordReply, Failure> {
        let login = passwords::clean_login(&request.login);
        if !is_login(&login) {
            return Err(SyncError::WrongCode.into());
        }
        let now_unix_ms = self.now_unix_ms();
        self.tries.take(&login, now_unix_ms).map_err(|retry_after_ms| SyncError::Busy { retry_after_ms })?;
        let hashed = self.scales.weigh(|| passwords::hash(&request.password, &*self.dice));
        let password_hash = hashed.map_err(|error| SyncError::Malformed(error.to_string()))?;
        let code_hash = text_hash_hex(&passwords::clean_code(&request.code));
        let key = login.clone();
        let account = self.write(move |write| {
            let account = write.account_by_login(&login)?.filter(|account| !account.disabled).ok_or(SyncError::WrongCode)?;
            if !write.password_code_holds(account.id, &code_hash, now_unix_ms)? {
                return Err(SyncError::WrongCode.into());
            }
            write.set_password(account.id, &password_hash)?;
            write.drop_sessions_of(account.id)?;
            audit_by(write, now_unix_ms, &account, "account.password", "")?;
            Ok(account)
        })?;
        self.tries.forgive(&key);
        Ok(PasswordReply { account: info(&account) })
    }
}

/// A device before it has a number.
#[derive(Default)]
pub(crate) struct NewDevice {
    pub(crate) secret_hash: String,
    pub(crate) install: String,
    pub(crate) model: String,
    pub(crate) version: String,
    /// Its number before, and why it is given another.
    pub(crate) was: Option<(DeviceNumber, Renewal)>,
}

pub(crate) fn add_device(
    write: &Write<'_>,
    account: &AccountRow,
    new: NewDevice,
    now_unix_ms: i64,
) -> Result<DeviceNumber, Failure> {
    let number = DeviceNumber(u32::try_from(write.next_number(DEVICE)?).map_err(|_| SyncError::Server)?);
    let NewDevice { secret_hash, install, model, version, was } = new;
    write.add_device(&DeviceRow {
        number,
        account: account.id,
        secret_hash,
        install,
        model,
        version,
        last_seq: 0,
        last_change: None,
        newest_seq: 0,
        revoked: false,
        enrolled_unix_ms: now_unix_ms,
        seen_unix_ms: None,
        clock_ahead_ms: 0,
        was: was.map(|(number, _)| number),
        renewed_for: was.map_or(String::new(), |(_, why)| why.as_str().to_owned()),
        closed_unix_ms: None,
    })?;
    Ok(number)
}

/// The name under which a desk is kept among the devices.
const DESK: &str = "desk";

/// The desk of an account: what an officer decides is a change like any other, by a device nobody can authenticate as.
pub(crate) fn desk_device(write: &Write<'_>, account: &AccountRow, now_unix_ms: i64) -> Result<DeviceRow, Failure> {
    let desk =
        |devices: Vec<DeviceRow>| devices.into_iter().find(|device| device.secret_hash.is_empty() && device.install == DESK);
    if let Some(found) = desk(write.devices_of(account.id)?) {
        return Ok(found);
    }
    let new = NewDevice { install: DESK.to_owned(), model: DESK.to_owned(), ..NewDevice::default() };
    let number = add_device(write, account, new, now_unix_ms)?;
    Ok(write.device(number)?.ok_or(StoreError::from(std::io::Error::other("a device that was just added")))?)
}

pub(crate) fn audit_by(
    write: &Write<'_>,
    at_unix_ms: i64,
    account: &AccountRow,
    action: &str,
    detail: &str,
) -> Result<(), Failure> {
    let id = account.id.to_string();
    Ok(write.add_audit(AuditLine { at_unix_ms, actor: &id, action, subject: &id, detail })?)
}
