//! A county in a folder: the real server, real devices with real files, one clock to set, a network that can lie.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use device::{Connector, Credentials, Device, KeyStore, MemoryKeys, Options, Safe, Surroundings};
use domain::access::Role;
use domain::person::ResidentForm;
use domain::photo::BlobHash;
use domain::unit::UnitForm;
use domain::{RecordId, day, id_document};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::device::Tuning;
use sync_protocol::blob::{BlobError, BlobServer, BlobState};
use sync_protocol::form2::Question;
use sync_protocol::sealed::{HandIn, HandInReply};
use sync_protocol::{
    Ask, EnrolReply, EnrolRequest, ExchangeReply, ExchangeRequest, PROTOCOL, PasswordReply, PasswordRequest, SignInRequest,
    SyncError, SyncServer, Told, codec,
};
use sync_server::accounts::NewAccount;
use sync_server::clock::{Clock, Dice, SeededDice};
use sync_server::{Core, InProcess};
use tempfile::TempDir;
use ui_protocol::session::{Enrol, SyncStatus};
use ui_protocol::{Call, DeviceCommand, UiError};

/// Monday, 23 November 2026, 09:00 in Changshan.
pub const MORNING_UNIX_MS: i64 = 1_795_395_600_000;
/// Two neighbouring villages of one township.
pub const DONG: &str = "330822001201";
/// The other one.
pub const XI: &str = "330822001202";
/// Everybody's password in a test.
pub const PASSWORD: &str = "door-step-2026";

/// What the network does to one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// The request never arrives.
    LoseRequest,
    /// The server answers, and the answer never arrives.
    LoseReply,
    /// The request arrives twice; the second answer is what the device sees.
    Double,
    /// The request is cut in the middle.
    CutRequest,
    /// The answer is cut in the middle.
    CutReply,
    /// No lie: for one that comes after it.
    Truth,
}

/// The time of the county, settable.
#[derive(Debug)]
pub struct Time(AtomicI64);

impl Time {
    /// Milliseconds pass.
    pub fn pass_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// Days pass.
    pub fn pass_days(&self, days: i64) {
        self.pass_ms(days * 24 * 60 * 60 * 1000);
    }

    /// Sets the clock.
    pub fn set(&self, unix_ms: i64) {
        self.0.store(unix_ms, Ordering::SeqCst);
    }

    /// Unix milliseconds, UTC. A millisecond passes with every look, as it does outside a test.
    pub fn now(&self) -> i64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

impl Clock for Time {
    fn now_unix_ms(&self) -> i64 {
        self.now()
    }
}

/// The county.
pub struct World {
    /// Where every file is.
    pub dir: TempDir,
    /// What time it is.
    pub time: Arc<Time>,
    /// The server.
    pub core: Arc<Core>,
    seeds: AtomicU64,
    documents: AtomicU64,
}

/// The surroundings of one device in the county.
pub struct Around {
    time: Arc<Time>,
    /// How wrong this phone's clock is, milliseconds.
    pub clock_wrong_ms: AtomicI64,
    dice: SeededDice,
    keys: MemoryKeys,
    wire: Wire,
}

/// A way to the server that can lie.
#[derive(Clone)]
pub struct Wire {
    core: Arc<Mutex<Arc<Core>>>,
    lies: Arc<Mutex<VecDeque<Lie>>>,
    online: Arc<Mutex<bool>>,
    blob_lies: Arc<Mutex<VecDeque<Lie>>>,
    /// Bytes of photos sent, and calls about photos.
    pub blobs_counted: Arc<Mutex<(u64, u64)>>,
    /// The protocol its exchanges speak.
    protocol: Arc<AtomicU32>,
    /// Bytes up, bytes down, exchanges: as they would be on the wire.
    pub counted: Arc<Mutex<(u64, u64, u64)>>,
    /// The last request for an exchange, whether it arrived or not.
    asked: Arc<Mutex<Vec<u8>>>,
}

impl Around {
    /// No more lies.
    pub fn truthful(&self) {
        self.wire.lies.lock().expect("no test panics holding it").clear();
    }
}

impl Surroundings for Around {
    fn unix_ms(&self) -> i64 {
        self.time.now() + self.clock_wrong_ms.load(Ordering::SeqCst)
    }
    fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.dice.fill(&mut bytes);
        bytes
    }
    fn keys(&self) -> &dyn KeyStore {
        &self.keys
    }
    fn connector(&self) -> &dyn Connector {
        &self.wire
    }
    fn model(&self) -> String {
        "test phone".to_owned()
    }
    fn asks_ahead(&self) -> bool {
        true
    }
}

impl Wire {
    fn core(&self) -> Result<Arc<Core>, SyncError> {
        if *self.online.lock().expect("no test panics holding it") {
            Ok(Arc::clone(&self.core.lock().expect("no test panics holding it")))
        } else {
            Err(SyncError::Unreachable)
        }
    }
}

impl Connector for Wire {
    fn server(&self, _address: &str, credentials: Credentials) -> Box<dyn SyncServer + Send> {
        Box::new(Line { wire: self.clone(), credentials })
    }
    fn blobs(&self, _address: &str, credentials: Credentials) -> Box<dyn BlobServer + Send> {
        Box::new(Line { wire: self.clone(), credentials })
    }
    fn enrol(&self, _address: &str, request: EnrolRequest) -> Result<EnrolReply, SyncError> {
        self.core()?.enrol(request)
    }
    fn sign_in(&self, _address: &str, _: Credentials, request: SignInRequest) -> Result<PasswordReply, SyncError> {
        self.core()?.sign_in(&request)
    }
    fn password(&self, _address: &str, _: Credentials, request: PasswordRequest) -> Result<PasswordReply, SyncError> {
        self.core()?.set_password(&request)
    }
    fn hand_in(&self, _address: &str, word: Credentials, sealed: HandIn) -> Result<HandInReply, SyncError> {
        let core = self.core()?;
        let lie = self.lies.lock().expect("no test panics holding it").pop_front();
        if matches!(lie, Some(Lie::LoseRequest | Lie::CutRequest)) {
            return Err(SyncError::Unreachable);
        }
        let word = sync_server::caller::Credentials { device: word.device, secret: word.secret };
        let reply = core.hand_in(&word, &sealed)?;
        match lie {
            Some(Lie::LoseReply | Lie::CutReply) => Err(SyncError::Unreachable),
            Some(Lie::Double) => core.hand_in(&word, &sealed),
            _ => Ok(reply),
        }
    }
}

struct Line {
    wire: Wire,
    credentials: Credentials,
}

impl SyncServer for Line {
    fn exchange(&self, request: ExchangeRequest) -> Result<ExchangeReply, SyncError> {
        let core = self.wire.core()?;
        let server = InProcess {
            core,
            credentials: sync_server::caller::Credentials {
                device: self.credentials.device,
                secret: self.credentials.secret.clone(),
            },
        };
        let request = ExchangeRequest { protocol: self.wire.protocol.load(Ordering::SeqCst), ..request };
        // Through the bytes, as on the wire: what does not survive them must not survive a test.
        let up = codec::encode_request(&request).map_err(|_| SyncError::Server)?.ok_or(SyncError::TooLarge)?;
        let question = Question::of(&request);
        self.wire.asked.lock().expect("no test panics holding it").clone_from(&up);
        let lie = self.wire.lies.lock().expect("no test panics holding it").pop_front();
        match lie {
            Some(Lie::LoseRequest) => return Err(SyncError::Unreachable),
            Some(Lie::CutRequest) => {
                let cut = codec::decode_request(&up[..up.len() / 2]);
                assert!(cut.is_err(), "half a request is no request");
                return Err(SyncError::Unreachable);
            }
            _ => {}
        }
        let (request, _) = codec::decode_request(&up).map_err(|error| SyncError::Malformed(error.to_string()))?;
        if lie == Some(Lie::Double) {
            server.exchange(request.clone())?;
        }
        let reply = server.exchange(request)?;
        let down = codec::encode_reply(&reply, &question).map_err(|_| SyncError::Server)?.ok_or(SyncError::TooLarge)?;
        {
            let mut counted = self.wire.counted.lock().expect("no test panics holding it");
            counted.0 += up.len() as u64;
            counted.1 += down.len() as u64;
            counted.2 += 1;
        }
        match lie {
            Some(Lie::LoseReply) => Err(SyncError::Unreachable),
            Some(Lie::CutReply) => {
                assert!(codec::decode_reply(&down[..down.len() / 2], &question).is_err(), "half an answer is no answer");
                Err(SyncError::Unreachable)
            }
            _ => codec::decode_reply(&down, &question).map_err(|_| SyncError::Unreachable),
        }
    }

    fn ask(&self, ask: Ask) -> Result<Told, SyncError> {
        let core = self.wire.core()?;
        let credentials =
            sync_server::caller::Credentials { device: self.credentials.device, secret: self.credentials.secret.clone() };
        let up = codec::encode(&ask).map_err(|_| SyncError::Server)?;
        let lie = self.wire.lies.lock().expect("no test panics holding it").pop_front();
        if matches!(lie, Some(Lie::LoseRequest | Lie::CutRequest)) {
            return Err(SyncError::Unreachable);
        }
        let ask = codec::decode(&up).map_err(|error| SyncError::Malformed(error.to_string()))?;
        let told = InProcess { core, credentials }.ask(ask)?;
        let down = codec::encode(&told).map_err(|_| SyncError::Server)?;
        {
            let mut counted = self.wire.counted.lock().expect("no test panics holding it");
            counted.0 += up.len() as u64;
            counted.1 += down.len() as u64;
            counted.2 += 1;
        }
        if matches!(lie, Some(Lie::LoseReply | Lie::CutReply)) {
            return Err(SyncError::Unreachable);
        }
        codec::decode(&down).map_err(|_| SyncError::Unreachable)
    }
}

impl Line {
    /// What becomes of one call about bytes: the same lies as for an exchange, from a queue of their own.
    fn blob_call<T>(
        &self,
        up: u64,
        call: impl Fn(&InProcess) -> Result<T, BlobError>,
        cut: impl FnOnce(&InProcess),
    ) -> Result<T, BlobError> {
        let credentials =
            sync_server::caller::Credentials { device: self.credentials.device, secret: self.credentials.secret.clone() };
        let server = InProcess { core: self.wire.core()?, credentials };
        let lie = self.wire.blob_lies.lock().expect("no test panics holding it").pop_front();
        {
            let mut counted = self.wire.blobs_counted.lock().expect("no test panics holding it");
            counted.0 += up;
            counted.1 += 1;
        }
        match lie {
            Some(Lie::LoseRequest) => return Err(SyncError::Unreachable.into()),
            Some(Lie::CutRequest) => {
                cut(&server);
                return Err(SyncError::Unreachable.into());
            }
            Some(Lie::Double) => drop(call(&server)),
            _ => {}
        }
        let answer = call(&server)?;
        if matches!(lie, Some(Lie::LoseReply | Lie::CutReply)) { Err(SyncError::Unreachable.into()) } else { Ok(answer) }
    }
}

impl BlobServer for Line {
    fn blob_state(&self, hash: BlobHash) -> Result<BlobState, BlobError> {
        self.blob_call(0, |server| server.blob_state(hash), |_| {})
    }
    fn put_blob(&self, hash: BlobHash, offset: u64, piece: &[u8]) -> Result<BlobState, BlobError> {
        // A server behind a proxy may get half a piece and keep it.
        let half = |server: &InProcess| drop(server.put_blob(hash, offset, &piece[..piece.len() / 2]));
        self.blob_call(piece.len() as u64, |server| server.put_blob(hash, offset, piece), half)
    }
    fn blob(&self, hash: BlobHash, offset: u64, length: u32) -> Result<Vec<u8>, BlobError> {
        self.blob_call(0, |server| server.blob(hash, offset, length), |_| {})
    }
}

impl World {
    /// A county with two villages and nobody in it.
    pub fn new() -> World {
        let dir = tempfile::tempdir().expect("a folder for the test");
        let time = Arc::new(Time(AtomicI64::new(MORNING_UNIX_MS)));
        let core = Core::create(&dir.path().join(sync_server::core::FILE_NAME), time.clone(), Arc::new(SeededDice::new(7)))
            .expect("a new server");
        core.init_county().expect("holidays, policy, notice");
        let areas = "code,name,level,parent\n330822000000,常山县,county,\n330822001000,天马街道,township,330822000000\n\
                     330822001201,东村,village,330822001000\n330822001202,西村,village,330822001000\n";
        core.import_areas(sync_server::county::read_areas(areas).expect("four areas")).expect("areas");
        World { dir, time, core, seeds: AtomicU64::new(100), documents: AtomicU64::new(0) }
    }

    /// An account.
    pub fn account(&self, login: &str, role: Role, areas: &[&str], phone: &str) {
        self.core
            .add_account(NewAccount {
                login: login.to_owned(),
                name: login.to_owned(),
                role,
                phone: phone.to_owned(),
                areas: areas.iter().map(|area| (*area).to_owned()).collect(),
                password: PASSWORD.to_owned(),
            })
            .expect("an account");
    }

    /// A coordinator of a village with an enrolled phone that has synced once.
    pub fn coordinator(&self, login: &str, area: &str) -> Actor {
        self.account(login, Role::Coordinator, &[area], "");
        let actor = self.phone_of(login);
        actor.sync();
        actor
    }

    /// A landlord with an enrolled phone that has synced once.
    pub fn landlord(&self, login: &str, phone: &str) -> Actor {
        self.account(login, Role::Landlord, &[], phone);
        let actor = self.phone_of(login);
        actor.sync();
        actor
    }

    /// A second phone with the same file and the same keys: what a phone's "move to a new phone" makes.
    pub fn phone_from(&self, copy: &PhoneCopy) -> Actor {
        let actor = self.phone_with_file(copy);
        actor.around.keys.hold_what(&copy.keys);
        actor
    }

    /// Another phone that holds the file and nothing of its keys. Signed in.
    pub fn phone_with_file(&self, copy: &PhoneCopy) -> Actor {
        let (dir, around) = self.empty_phone();
        copy_folder(&copy.dir, &dir);
        let mut actor = Actor { device: None, safe: None, around, dir, tuning: Tuning::default() };
        actor.restart();
        actor
    }

    /// A phone that holds nothing yet.
    fn empty_phone(&self) -> (PathBuf, Arc<Around>) {
        let seed = self.seeds.fetch_add(1, Ordering::SeqCst);
        let wire = Wire {
            core: Arc::new(Mutex::new(Arc::clone(&self.core))),
            lies: Arc::default(),
            blob_lies: Arc::default(),
            blobs_counted: Arc::default(),
            online: Arc::new(Mutex::new(true)),
            protocol: Arc::new(AtomicU32::new(PROTOCOL)),
            counted: Arc::default(),
            asked: Arc::default(),
        };
        let around = Arc::new(Around {
            time: Arc::clone(&self.time),
            clock_wrong_ms: AtomicI64::new(0),
            dice: SeededDice::new(seed),
            keys: MemoryKeys::default(),
            wire,
        });
        (self.dir.path().join(format!("phone-{seed}")), around)
    }

    /// One more phone of an account, enrolled and not synced.
    pub fn phone_of(&self, login: &str) -> Actor {
        let (dir, around) = self.empty_phone();
        let actor =
            Actor { device: Some(open(&dir, &around, Tuning::default())), safe: None, around, dir, tuning: Tuning::default() };
        let code = self.core.enrol_code(login).expect("a code");
        actor.ask(Enrol { server: "http://test".to_owned(), code, password: PASSWORD.to_owned() });
        actor
    }

    /// A new valid document number of somebody from Jiangxi.
    pub fn document(&self) -> String {
        let count = self.documents.fetch_add(1, Ordering::SeqCst);
        let first17 = format!(
            "360121{}{:02}{:02}{:03}",
            1960 + count % 45,
            1 + count / 45 % 12,
            1 + count / 540 % 28,
            1 + count / 15120 % 999
        );
        let check = id_document::check_digit(&first17).expect("seventeen digits");
        format!("{first17}{check}")
    }

    /// Surroundings for a device that is only started and looked at.
    pub fn surroundings_for_a_start() -> Arc<dyn Surroundings> {
        let time = Arc::new(Time(AtomicI64::new(MORNING_UNIX_MS)));
        let dir = tempfile::tempdir().expect("a folder");
        let core = Core::create(&dir.path().join(sync_server::core::FILE_NAME), time.clone(), Arc::new(SeededDice::new(1)))
            .expect("a server");
        let wire = Wire {
            core: Arc::new(Mutex::new(core)),
            lies: Arc::default(),
            blob_lies: Arc::default(),
            blobs_counted: Arc::default(),
            online: Arc::new(Mutex::new(false)),
            protocol: Arc::new(AtomicU32::new(PROTOCOL)),
            counted: Arc::default(),
            asked: Arc::default(),
        };
        let clock_wrong_ms = AtomicI64::new(0);
        Arc::new(Around { time, clock_wrong_ms, dice: SeededDice::new(2), keys: MemoryKeys::default(), wire })
    }

    /// The server from another file, as after a restore, for every phone of this list.
    pub fn replace_server(&mut self, core: Arc<Core>, phones: &[&Actor]) {
        for phone in phones {
            *phone.around.wire.core.lock().expect("no test panics holding it") = Arc::clone(&core);
        }
        self.core = core;
    }
}

impl Default for World {
    fn default() -> World {
        World::new()
    }
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("lists").flatten() {
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copies");
    }
}

fn open(dir: &std::path::Path, around: &Arc<Around>, tuning: Tuning) -> Device {
    let options = Options { tuning, ..Options::new(dir.to_owned(), Arc::clone(around) as Arc<dyn Surroundings>) };
    Device::open(options).expect("the device opens")
}

/// A phone as it was: its folder, and what its key store held.
pub struct PhoneCopy {
    dir: PathBuf,
    keys: MemoryKeys,
}

impl PhoneCopy {
    /// A phone that was kept: its folder, and what its key store held.
    pub fn of(dir: PathBuf, held: &BTreeMap<String, String>) -> PhoneCopy {
        let keys = MemoryKeys::default();
        for (name, secret) in held {
            keys.set(name, secret).expect("memory takes it");
        }
        PhoneCopy { dir, keys }
    }
}

/// Somebody with a phone.
pub struct Actor {
    device: Option<Device>,
    /// What stands before the phone's file, where it can be locked.
    safe: Option<Safe>,
    /// What is around the phone.
    pub around: Arc<Around>,
    /// Where its file is.
    pub dir: PathBuf,
    tuning: Tuning,
}

impl Actor {
    /// The phone.
    pub fn device(&self) -> &Device {
        self.device.as_ref().expect("the phone is on")
    }

    /// What stands before the phone's file.
    pub fn safe(&self) -> &Safe {
        self.safe.as_ref().expect("a phone that can be locked")
    }

    /// The app is started as the shells start it, so that it can be locked; started again, when it was.
    pub fn start_behind_a_lock(&mut self) {
        self.switch_off();
        if let Some(safe) = self.safe.take() {
            safe.close();
        }
        let around = Arc::clone(&self.around) as Arc<dyn Surroundings>;
        let options = Options { tuning: self.tuning, ..Options::new(self.dir.clone(), around) };
        self.safe = Some(Safe::open(options).expect("the phone starts"));
    }

    /// Asks the phone, as a screen does, through JSON.
    pub fn try_ask<C>(&self, call: C) -> Result<C::Reply, UiError>
    where
        C: Call<Command = DeviceCommand>,
        C::Reply: Serialize + DeserializeOwned,
    {
        let command = serde_json::to_string(&call.command()).expect("a command has a JSON form");
        let (answer, _) = match &self.safe {
            Some(safe) => safe.handle_json(&command),
            None => self.device().handle_json(&command),
        };
        let answer: Result<ui_protocol::Handled, UiError> = serde_json::from_str(&answer).expect("an answer");
        answer.map(|handled| serde_json::from_value(handled.reply).expect("the call's own reply"))
    }

    /// Asks, and expects an answer.
    pub fn ask<C>(&self, call: C) -> C::Reply
    where
        C: Call<Command = DeviceCommand>,
        C::Reply: Serialize + DeserializeOwned,
    {
        self.try_ask(call).expect("the phone answers")
    }

    /// Exchanges until there is nothing more to say.
    pub fn sync(&self) -> SyncStatus {
        self.ask(ui_protocol::session::SyncNow {})
    }

    /// Exchanges, and expects that it does not work.
    pub fn sync_fails(&self) -> UiError {
        self.try_ask(ui_protocol::session::SyncNow {}).expect_err("the exchange fails")
    }

    /// How the work stands.
    pub fn status(&self) -> SyncStatus {
        self.ask(ui_protocol::session::Status {}).sync
    }

    /// The network goes away or comes back.
    pub fn online(&self, online: bool) {
        *self.around.wire.online.lock().expect("no test panics holding it") = online;
    }

    /// The next exchanges are lied about.
    pub fn lie(&self, lies: &[Lie]) {
        self.around.wire.lies.lock().expect("no test panics holding it").extend(lies);
    }

    /// Carries photos until there is nothing more to carry.
    pub fn carry(&self) -> Result<u64, SyncError> {
        let mut sent = 0;
        loop {
            let carried = self.device().carry_photos()?;
            sent += carried.sent;
            if !carried.more {
                return Ok(sent);
            }
        }
    }

    /// The next calls about photos' bytes are lied about.
    pub fn lie_about_photos(&self, lies: &[Lie]) {
        self.around.wire.blob_lies.lock().expect("no test panics holding it").extend(lies);
    }

    /// Bytes of photos sent and calls about photos since the last look.
    pub fn counted_photos(&self) -> (u64, u64) {
        std::mem::take(&mut *self.around.wire.blobs_counted.lock().expect("no test panics holding it"))
    }

    /// This phone exchanges as a release of that protocol did.
    pub fn speaks(&self, protocol: u32) {
        self.around.wire.protocol.store(protocol, Ordering::SeqCst);
    }

    /// Bytes up, bytes down, exchanges since the last look.
    pub fn counted(&self) -> (u64, u64, u64) {
        std::mem::take(&mut *self.around.wire.counted.lock().expect("no test panics holding it"))
    }

    /// The bytes of its last exchange, as it sent them.
    pub fn last_request(&self) -> Vec<u8> {
        self.around.wire.asked.lock().expect("no test panics holding it").clone()
    }

    /// This phone's clock is wrong by so much.
    pub fn clock_wrong_by_ms(&self, ms: i64) {
        self.around.clock_wrong_ms.store(ms, Ordering::SeqCst);
    }

    /// The phone dies and is switched on again: nothing is closed in order.
    pub fn restart(&mut self) {
        drop(self.device.take());
        self.device = Some(open(&self.dir, &self.around, self.tuning));
        self.ask(ui_protocol::session::SignIn { password: PASSWORD.to_owned() });
    }

    /// The phone dies: nothing is closed in order.
    pub fn switch_off(&mut self) {
        drop(self.device.take());
    }

    /// It is switched on; nobody has signed in.
    pub fn switch_on(&mut self) {
        self.device = Some(open(&self.dir, &self.around, self.tuning));
    }

    /// A copy of the whole phone as it is now, file and keys, as a phone's own backup makes it.
    pub fn copy(&mut self) -> PhoneCopy {
        drop(self.device.take());
        let dir = (0..).map(|n| self.dir.with_extension(format!("copy-{n}"))).find(|dir| !dir.exists()).expect("a free name");
        copy_folder(&self.dir, &dir);
        let keys = MemoryKeys::default();
        keys.hold_what(&self.around.keys);
        self.restart();
        PhoneCopy { dir, keys }
    }

    /// The phone comes back from its backup, with the keys of then.
    pub fn come_back_from(&mut self, copy: &PhoneCopy) {
        self.around.keys.hold_what(&copy.keys);
        self.file_comes_back_from(copy);
    }

    /// Only the file is put back; the key store holds what it held.
    pub fn file_comes_back_from(&mut self, copy: &PhoneCopy) {
        drop(self.device.take());
        std::fs::remove_dir_all(&self.dir).expect("the folder goes");
        copy_folder(&copy.dir, &self.dir);
        self.restart();
    }

    /// The phone is switched off and on, and uses its file in this way.
    pub fn restart_with(&mut self, tuning: Tuning) {
        self.tuning = tuning;
        self.restart();
    }

    /// Registers a home.
    pub fn home(&self, area: &str, plate: &str, landlord_phone: &str, rooms: &str) -> RecordId {
        let form = UnitForm {
            address: domain::address::Address {
                area: area.to_owned(),
                road: "文峰路".to_owned(),
                plate_no: plate.to_owned(),
                ..Default::default()
            },
            landlord_name: "陈国平".to_owned(),
            landlord_phone: landlord_phone.to_owned(),
            rooms: rooms.to_owned(),
            ..UnitForm::default()
        };
        self.ask(ui_protocol::units::SaveUnit { id: None, form, draft: None }).id
    }

    /// A filled form of somebody who arrived today.
    pub fn resident_form(&self, unit: RecordId, name: &str, doc_no: &str) -> ResidentForm {
        let today = self.ask(ui_protocol::session::Status {}).today;
        let facts = id_document::check(id_document::DocType::Id, doc_no, day::day_of(MORNING_UNIX_MS)).expect("a valid number");
        ResidentForm {
            unit: Some(unit),
            doc_no: doc_no.to_owned(),
            name: name.to_owned(),
            birth: facts.birth.map(|birth| birth.to_string()).unwrap_or_default(),
            sex: facts.sex,
            hukou_region: "360121".to_owned(),
            phone: "13905700001".to_owned(),
            arrival_on: today.clone(),
            declared_on: today,
            reason: domain::codes::Reason::from_code("204"),
            intended: domain::codes::IntendedStay::from_code("4"),
            relation: domain::codes::Relation::from_code("LESSEE"),
            lessee: true,
            ..ResidentForm::default()
        }
    }

    /// Registers somebody.
    pub fn register(&self, unit: RecordId, name: &str, doc_no: &str) -> ui_protocol::people::SavedResident {
        let form = self.resident_form(unit, name, doc_no);
        self.ask(ui_protocol::people::SaveResident { form, although_known: false, returning: None, draft: None })
    }

    /// Who is found by a search.
    pub fn find(&self, query: &str) -> Vec<String> {
        let page = self.ask(ui_protocol::people::ListPeople { query: query.to_owned(), after: None });
        page.rows.into_iter().map(|row| row.name).collect()
    }

    /// A person's page.
    pub fn person(&self, id: RecordId) -> ui_protocol::people::PersonView {
        self.ask(ui_protocol::people::Person { id })
    }

    /// Both sides hold the same, in every scope that was compared.
    pub fn expect_same(&self) {
        let status = self.status();
        for scope in &status.scopes {
            assert_eq!(scope.same, Some(true), "both sides hold the same in {}: {status:?}", scope.name);
        }
    }
}
