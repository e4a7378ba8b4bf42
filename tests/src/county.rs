//! A county on this machine's own network: prepared folders, the real server as its own process, devices that reach it over HTTP.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::{Context, Result};
use device::http::HttpConnector;
use device::native::Machine;
use device::{Connector, Credentials, Device, FileKeys, KeyStore, Options, Surroundings};
use domain::access::Role;
use domain::person::ResidentForm;
use domain::{RecordId, day, id_document};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::device::Tuning;
use sync_protocol::blob::BlobServer;
use sync_protocol::sealed::{HandIn, HandInReply};
use sync_protocol::{
    Ask, EnrolReply, EnrolRequest, ExchangeReply, ExchangeRequest, PasswordReply, PasswordRequest, SignInRequest, SyncError,
    SyncServer, Told,
};
use sync_server::accounts::NewAccount;
use sync_server::{Core, SystemClock, SystemDice};
use ui_protocol::people::{ListPeople, SaveResident};
use ui_protocol::session::{Enrol, SignIn, Status};
use ui_protocol::{Call, DeviceCommand};

/// The village everybody lives in.
pub const AREA: &str = "330822001201";
const PASSWORD: &str = "door-step-2026";
const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红娥玲芬";

/// The server as its own process; ends with this.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

/// How a server is started.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Where it listens; any free port without it.
    pub port: u16,
    /// Words in front of the program: `strace …`.
    pub under: Vec<String>,
    /// More of its environment.
    pub environment: Vec<(String, String)>,
    /// More words behind `serve`.
    pub arguments: Vec<String>,
}

impl Server {
    /// Starts the program beside this one on a folder.
    ///
    /// # Errors
    /// When it does not listen.
    pub fn start(folder: &Path) -> Result<Server> {
        Server::start_so(folder, &Start { arguments: vec!["--backup-minutes".into(), "0".into()], ..Start::default() })
    }

    /// The same, otherwise.
    ///
    /// # Errors
    /// When it does not listen.
    pub fn start_so(folder: &Path, start: &Start) -> Result<Server> {
        let program = program("sync-server")?;
        let mut command = match start.under.split_first() {
            Some((first, others)) => {
                let mut command = Command::new(first);
                command.args(others).arg(&program);
                command
            }
            None => Command::new(&program),
        };
        let mut child = command
            .arg("--data")
            .arg(folder)
            .args(["serve", "--listen", &format!("127.0.0.1:{}", start.port)])
            .args(&start.arguments)
            .envs(start.environment.iter().cloned())
            .env("RUST_LOG", "off")
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("its output")?).read_line(&mut line)?;
        match line.trim().trim_start_matches("http://").parse() {
            Ok(address) => Ok(Server { child, address }),
            Err(_) => {
                end(&mut child);
                anyhow::bail!("the server did not begin to listen")
            }
        }
    }

    /// Whether it still runs.
    pub fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Processor time its living threads have used, milliseconds, from Linux' own count in nanoseconds.
    ///
    /// # Errors
    /// Where there is no `/proc`.
    pub fn cpu_ms(&self) -> Result<f64> {
        let mut used = 0.0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let line = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            used += line.split(' ').next().context("a line of schedstat")?.parse::<f64>()?;
        }
        Ok(used / 1e6)
    }
}

/// Processor time a program has used with all its threads, ended or not, milliseconds, from Linux' count in hundredths of a second.
///
/// # Errors
/// Where there is no `/proc`.
pub fn cpu_ms_of(process: u32) -> Result<f64> {
    let told = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // Behind the program's name: user and system time are the 12th and 13th figures.
    let (_, figures) = told.rsplit_once(')').context("a line of stat")?;
    let ticks: f64 = figures.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Ok(ticks * 10.0)
}

/// A program that was built beside this one.
///
/// # Errors
/// Where nobody knows where this one lies.
pub fn program(name: &str) -> Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends a process and what it started, without a word: whoever runs under `strace` outlives it otherwise. The process began its
/// own group.
pub fn end(child: &mut Child) {
    let _ = Command::new("kill").args(["-9", "--", &format!("-{}", child.id())]).stderr(Stdio::null()).status();
    let _ = (child.kill(), child.wait());
}

/// The machine's own surroundings, save that the server is where this run started it.
pub struct Around {
    machine: Machine,
    to: SocketAddr,
    exchanges_ms: Arc<Mutex<Vec<f64>>>,
}

/// The way to the server, with a watch beside it.
struct Timed {
    server: Box<dyn SyncServer + Send>,
    exchanges_ms: Arc<Mutex<Vec<f64>>>,
}

impl SyncServer for Timed {
    fn exchange(&self, request: ExchangeRequest) -> Result<ExchangeReply, SyncError> {
        let began = Instant::now();
        let answer = self.server.exchange(request);
        self.exchanges_ms.lock().expect("nobody panics holding it").push(began.elapsed().as_secs_f64() * 1e3);
        answer
    }
    fn ask(&self, ask: Ask) -> Result<Told, SyncError> {
        self.server.ask(ask)
    }
}

impl Surroundings for Around {
    fn unix_ms(&self) -> i64 {
        self.machine.unix_ms()
    }
    fn random(&self) -> [u8; 10] {
        self.machine.random()
    }
    fn keys(&self) -> &dyn KeyStore {
        self.machine.keys()
    }
    fn connector(&self) -> &dyn Connector {
        self
    }
    fn model(&self) -> String {
        "bench".to_owned()
    }
    fn asks_ahead(&self) -> bool {
        self.machine.asks_ahead()
    }
}

impl Around {
    fn address(&self) -> String {
        format!("http://{}", self.to)
    }
}

impl Connector for Around {
    fn server(&self, _: &str, credentials: Credentials) -> Box<dyn SyncServer + Send> {
        let server = HttpConnector.server(&self.address(), credentials);
        Box::new(Timed { server, exchanges_ms: Arc::clone(&self.exchanges_ms) })
    }
    fn blobs(&self, _: &str, credentials: Credentials) -> Box<dyn BlobServer + Send> {
        HttpConnector.blobs(&self.address(), credentials)
    }
    fn enrol(&self, _: &str, request: EnrolRequest) -> Result<EnrolReply, SyncError> {
        HttpConnector.enrol(&self.address(), request)
    }
    fn sign_in(&self, _: &str, credentials: Credentials, request: SignInRequest) -> Result<PasswordReply, SyncError> {
        HttpConnector.sign_in(&self.address(), credentials, request)
    }
    fn password(&self, _: &str, credentials: Credentials, request: PasswordRequest) -> Result<PasswordReply, SyncError> {
        HttpConnector.password(&self.address(), credentials, request)
    }
    fn hand_in(&self, _: &str, word: Credentials, sealed: HandIn) -> Result<HandInReply, SyncError> {
        HttpConnector.hand_in(&self.address(), word, sealed)
    }
}

/// A device in a folder.
pub struct Phone {
    /// The device.
    pub device: Device,
    exchanges_ms: Arc<Mutex<Vec<f64>>>,
}

impl Phone {
    /// Opens it, on the way to this server.
    ///
    /// # Errors
    /// When the file does not open.
    pub fn open(folder: &Path, to: SocketAddr, tuning: Tuning) -> Result<Phone> {
        let machine = Machine::new(Box::new(FileKeys::new(folder.join("keys"))), "bench".to_owned());
        let exchanges_ms = Arc::default();
        let around = Arc::new(Around { machine, to, exchanges_ms: Arc::clone(&exchanges_ms) });
        let device = Device::open(Options { tuning, ..Options::new(folder.to_owned(), around) })?;
        Ok(Phone { device, exchanges_ms })
    }

    /// How long each exchange since the last look took, milliseconds.
    pub fn exchanges_ms(&self) -> Vec<f64> {
        std::mem::take(&mut *self.exchanges_ms.lock().expect("nobody panics holding it"))
    }

    /// Asks, and expects an answer.
    ///
    /// # Errors
    /// What the device refuses.
    pub fn ask<C>(&self, call: C) -> Result<C::Reply>
    where
        C: Call<Command = DeviceCommand>,
        C::Reply: Serialize + DeserializeOwned,
    {
        let handled = self.device.handle(call.command()).map_err(|error| anyhow::anyhow!("{error:?}"))?;
        Ok(serde_json::from_value(handled.reply)?)
    }

    /// Signs in again after a start.
    ///
    /// # Errors
    /// What the device refuses.
    pub fn sign_in(&self) -> Result<()> {
        self.ask(SignIn { password: PASSWORD.to_owned() }).map(|_| ())
    }

    /// Exchanges until there is nothing more to say.
    ///
    /// # Errors
    /// The first exchange that failed.
    pub fn sync(&self) -> Result<()> {
        self.device.exchange_all().map(|_| ()).map_err(|error| anyhow::anyhow!("{error:?}"))
    }

    /// Both sides say the same of every scope.
    ///
    /// # Errors
    /// When they do not, or when it is not known yet.
    pub fn expect_same(&self) -> Result<()> {
        let status = self.ask(Status {})?;
        for scope in &status.sync.scopes {
            anyhow::ensure!(scope.same == Some(true), "both sides hold the same in {}", scope.name);
        }
        Ok(())
    }
}

/// Folders made once and copied for every round: a server, a phone with unsent residents, and phones that never synced.
pub struct Prepared {
    /// Where they lie: `server`, `writer`, `reader-0` …
    pub folder: PathBuf,
    /// The same people for the peers, one JSON object a line.
    pub residents: PathBuf,
}

/// Prepares a county in `folder`, unless it is there.
///
/// # Errors
/// Where files or programs fail.
pub fn prepare(folder: &Path, residents: usize, readers: usize) -> Result<Prepared> {
    let prepared = Prepared { folder: folder.to_owned(), residents: folder.join("residents.jsonl") };
    if folder.join("done").exists() {
        return Ok(prepared);
    }
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder.join("server"))?;
    let core =
        Core::create(&folder.join("server").join(sync_server::core::FILE_NAME), Arc::new(SystemClock), Arc::new(SystemDice))?;
    core.init_county()?;
    let areas = "code,name,level,parent\n330822000000,常山县,county,\n330822001000,天马街道,township,330822000000\n\
                 330822001201,东村,village,330822001000\n";
    core.import_areas(sync_server::county::read_areas(areas)?)?;
    let mut names = vec!["writer".to_owned()];
    names.extend((0..readers).map(|number| format!("reader-{number}")));
    let mut codes = Vec::new();
    for name in &names {
        core.add_account(NewAccount {
            login: name.clone(),
            name: name.clone(),
            role: Role::Coordinator,
            phone: String::new(),
            areas: vec![AREA.to_owned()],
            password: PASSWORD.to_owned(),
        })?;
        codes.push(core.enrol_code(name)?);
    }
    core.stop();
    drop(core);
    let server = Server::start(&folder.join("server"))?;
    for (name, code) in names.iter().zip(codes) {
        let phone = Phone::open(&folder.join(name), server.address, Tuning { without_disk: true, ..Tuning::default() })?;
        phone.ask(Enrol { server: format!("http://{}", server.address), code, password: PASSWORD.to_owned() })?;
        if name == "writer" {
            phone.sync()?;
            let lines = register(&phone, residents)?;
            std::fs::write(&prepared.residents, lines)?;
        }
        phone.device.close();
    }
    drop(server);
    std::fs::write(folder.join("done"), "")?;
    Ok(prepared)
}

/// Registers residents, four in a home, and tells of the same people as one object a line, for the peers.
fn register(phone: &Phone, residents: usize) -> Result<String> {
    let (surnames, given): (Vec<char>, Vec<char>) = (SURNAMES.chars().collect(), GIVEN.chars().collect());
    let today = phone.ask(Status {})?.today;
    let mut lines = String::new();
    let mut home = RecordId(uuid::Uuid::nil());
    for number in 0..residents {
        if number % 4 == 0 {
            home = enter_home(phone, number / 4)?;
        }
        let name: String =
            [surnames[number % surnames.len()], given[number / surnames.len() % given.len()], given[number / 7 % given.len()]]
                .iter()
                .collect();
        let first17 = format!(
            "360121{}{:02}{:02}{:03}",
            1960 + number % 45,
            1 + number / 45 % 12,
            1 + number / 540 % 28,
            1 + number / 15_120 % 999
        );
        let form = resident(&name, &first17, &format!("139{:08}", number * 7 % 100_000_000), home, &today)?;
        let doc_no = &form.doc_no;
        let object = serde_json::json!({
            "id": random_id().to_string(), "name": name, "doc_type": "ID", "doc_no": doc_no, "birth": form.birth,
            "sex": "M", "phone": form.phone, "hukou_region": "360121", "hukou_address": "", "arrival_on": today,
            "declared_on": today, "registered_on": today, "reason": "204", "intended": "4", "relation": "LESSEE",
            "lessee": "true", "state": "ACTIVE", "unit": home.to_string(), "area": AREA, "note": "", "channel": "coordinator",
            "from": today,
        });
        lines.push_str(&object.to_string());
        lines.push('\n');
        phone.ask(SaveResident { form, although_known: true, returning: None, draft: None })?;
    }
    Ok(lines)
}

/// Somebody with this name and the first 17 signs of this number, who rents a home since today.
///
/// # Errors
/// Where the number is none.
pub fn resident(name: &str, first17: &str, phone: &str, home: RecordId, today: &str) -> Result<ResidentForm> {
    let doc_no = format!("{first17}{}", id_document::check_digit(first17).context("a check digit")?);
    let facts = id_document::check(id_document::DocType::Id, &doc_no, day::day_of(1_795_395_600_000))
        .map_err(|error| anyhow::anyhow!("{error:?}"))?;
    Ok(ResidentForm {
        unit: Some(home),
        doc_no,
        name: name.to_owned(),
        birth: facts.birth.map(|birth| birth.to_string()).unwrap_or_default(),
        sex: facts.sex,
        hukou_region: "360121".to_owned(),
        phone: phone.to_owned(),
        arrival_on: today.to_owned(),
        declared_on: today.to_owned(),
        reason: domain::codes::Reason::from_code("204"),
        intended: domain::codes::IntendedStay::from_code("4"),
        relation: domain::codes::Relation::from_code("LESSEE"),
        lessee: true,
        ..ResidentForm::default()
    })
}

fn enter_home(phone: &Phone, number: usize) -> Result<RecordId> {
    let form = domain::unit::UnitForm {
        address: domain::address::Address {
            area: AREA.to_owned(),
            road: "文峰路".to_owned(),
            plate_no: format!("{}号", number + 1),
            ..Default::default()
        },
        landlord_name: "陈国平".to_owned(),
        landlord_phone: "13905700099".to_owned(),
        ..Default::default()
    };
    Ok(phone.ask(ui_protocol::units::SaveUnit { id: None, form, draft: None })?.id)
}

/// Copies a folder and what is in it.
///
/// # Errors
/// As the file system says.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?
        } else {
            std::fs::copy(entry.path(), target).map(|_| ())?
        }
    }
    Ok(())
}

/// An id as the peers use it: its own random bits, as every document of theirs has.
fn random_id() -> uuid::Uuid {
    use sync_server::clock::Dice;
    let mut random = [0; 10];
    SystemDice.fill(&mut random);
    domain::ids::uuid_v7(1_795_395_600_000, random)
}

/// The first of the people a phone lists.
///
/// # Errors
/// When there are fewer.
pub fn people(phone: &Phone, count: usize) -> Result<Vec<RecordId>> {
    let (mut found, mut after) = (Vec::new(), None);
    while found.len() < count {
        let page = phone.ask(ListPeople { query: String::new(), after })?;
        found.extend(page.rows.iter().map(|row| row.id));
        after = page.next;
        anyhow::ensure!(after.is_some() || found.len() >= count, "{count} people, but there are {}", found.len());
    }
    found.truncate(count);
    Ok(found)
}
