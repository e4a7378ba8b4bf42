//! What every native shell has in common: the machine's clock and randomness, HTTP, a device that stays open, and a thread
//! that exchanges when [`schedule`] says so. A shell adds its transport and its key store, in a few lines.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sync_protocol::SyncError;
use ui_protocol::session::{Enrol, Stage, Status};
use ui_protocol::{Call, DeviceCommand, ErrorCode, Handled, Topic, UiError};

use crate::http::HttpConnector;
use crate::schedule::{self, Moment};
use crate::surroundings::{Connector, KeyStore, Surroundings};
use crate::{Device, Options, Safe, lock};

/// How often the exchanging thread wonders whether it is time.
const WONDER: Duration = Duration::from_secs(2);
/// How often screens are told that a running exchange brought something.
const TELL: Duration = Duration::from_millis(500);
/// A server is asked again after this long, whatever it said.
const BUSY_MAX_MS: u64 = 60 * 60 * 1000;
/// How long photos wait after the line broke, doubled each time; and at most.
const CARRY_AGAIN: Duration = Duration::from_secs(5);
const CARRY_AGAIN_MAX: Duration = Duration::from_secs(5 * 60);
/// A device that did not open is tried again no sooner: long enough for a person to read why.
const REOPEN: Duration = Duration::from_secs(5);
/// What an exchange may have changed.
const ARRIVED: [Topic; 8] =
    [Topic::Session, Topic::Units, Topic::People, Topic::Reports, Topic::Photos, Topic::Attention, Topic::Sync, Topic::Forms];

/// This machine: its clock and randomness, its network, and the keys a shell chose.
pub struct Machine {
    keys: Box<dyn KeyStore>,
    connector: HttpConnector,
    model: String,
}

impl Machine {
    /// A machine that keeps its secrets in `keys` and calls itself `model` on the administrator's list.
    #[must_use]
    pub fn new(keys: Box<dyn KeyStore>, model: String) -> Machine {
        Machine { keys, connector: HttpConnector, model }
    }
}

impl Surroundings for Machine {
    fn unix_ms(&self) -> i64 {
        // A clock before 1970 is as wrong as one in 2035: the server's time corrects both.
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
    fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        getrandom::fill(&mut bytes).expect("an operating system that cannot draw random bytes cannot run this app");
        bytes
    }
    fn keys(&self) -> &dyn KeyStore {
        self.keys.as_ref()
    }
    fn connector(&self) -> &dyn Connector {
        &self.connector
    }
    fn model(&self) -> String {
        self.model.clone()
    }
    fn asks_ahead(&self) -> bool {
        true
    }
}

/// A device that answers a shell, exchanges in the background, and says which topics changed. Dropping it stops both.
pub struct Host {
    shared: Arc<Shared>,
}

/// Who hears which topics changed.
type Tell = Box<dyn Fn(&[Topic]) + Send + Sync>;

struct Shared {
    dir: PathBuf,
    around: Arc<dyn Surroundings>,
    tell: Tell,
    state: Mutex<State>,
    nudged: Mutex<bool>,
    nudge: Condvar,
    /// How often somebody nudged: the photos look whether it is more than before.
    nudges: AtomicU64,
    stopping: AtomicBool,
}

enum State {
    Open(Arc<Safe>),
    Shut { code: ErrorCode, at: Instant },
}

impl Host {
    /// Opens the device in `dir` and begins to exchange. A device that does not open is a host all the same: it answers every
    /// question with the reason, and tries again later. `tell` is called with topics, from any thread.
    pub fn start(dir: PathBuf, around: Arc<dyn Surroundings>, tell: impl Fn(&[Topic]) + Send + Sync + 'static) -> Host {
        Host::begin(dir, around, Box::new(tell), &[exchange_while_open, carry_while_open, tell_while_open])
    }

    /// The same, exchanging only when a command asks for it: for tests that decide when the network is there.
    pub fn start_without_timer(
        dir: PathBuf,
        around: Arc<dyn Surroundings>,
        tell: impl Fn(&[Topic]) + Send + Sync + 'static,
    ) -> Host {
        Host::begin(dir, around, Box::new(tell), &[carry_when_nudged, tell_while_open])
    }

    fn begin(dir: PathBuf, around: Arc<dyn Surroundings>, tell: Tell, works: &[fn(&Shared)]) -> Host {
        let state = Mutex::new(open(&dir, &around));
        let shared = Arc::new(Shared {
            dir,
            around,
            tell,
            state,
            nudged: Mutex::new(false),
            nudge: Condvar::new(),
            nudges: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
        });
        for &work in works {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || work(&shared));
        }
        Host { shared }
    }

    /// Answers one command, JSON in and out. A mistake of ours that panics becomes an answer too: the window lives on.
    #[must_use]
    pub fn answer(&self, command: &str) -> String {
        let safe = match self.shared.safe() {
            Ok(safe) => safe,
            Err(code) => return refusal(code),
        };
        let Ok((answer, topics)) = catch_unwind(AssertUnwindSafe(|| safe.handle_json(command))) else {
            return refusal(ErrorCode::Internal);
        };
        if !topics.is_empty() {
            (self.shared.tell)(&topics);
        }
        if topics.contains(&Topic::Sync) {
            self.came_back();
        }
        answer
    }

    /// A command of the shell's own, answered as the screens' are.
    ///
    /// # Errors
    /// What a person would be told.
    pub fn ask<C: Call<Command = DeviceCommand>>(&self, call: C) -> Result<C::Reply, UiError> {
        let malformed = |_| UiError::of(ErrorCode::Malformed);
        let command = serde_json::to_string(&call.command()).map_err(malformed)?;
        let handled = serde_json::from_str::<Result<Handled, UiError>>(&self.answer(&command)).map_err(malformed)??;
        serde_json::from_value(handled.reply).map_err(malformed)
    }

    /// Makes a device of nobody the device of an account, as the first screen would; one that belongs to somebody stays as it
    /// is. Answers whether it was enrolled just now.
    ///
    /// # Errors
    /// What a person would be told.
    pub fn enrol_once(&self, enrol: Enrol) -> Result<bool, UiError> {
        if self.ask(Status {})?.stage != Stage::NotEnrolled {
            return Ok(false);
        }
        self.ask(enrol).map(|_| true)
    }

    /// Says that somebody saved, or looks at the screen again: unsent work goes out now if there is a network.
    pub fn came_back(&self) {
        *lock(&self.shared.nudged) = true;
        self.shared.nudges.fetch_add(1, Ordering::Relaxed);
        self.shared.nudge.notify_all();
    }
}

impl Host {
    /// Ends the background work and closes the file in order. For a shell whose program ends without dropping anything.
    pub fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        self.shared.nudge.notify_all();
        if let State::Open(safe) = &*lock(&self.shared.state) {
            // A request on the wire may be lost: it is safe to repeat.
            safe.close();
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    /// The open device, or why there is none.
    fn device(&self) -> Result<Arc<Device>, ErrorCode> {
        self.safe()?.device().ok_or(ErrorCode::Locked)
    }

    /// What stands before the device, open or not, or why there is none.
    fn safe(&self) -> Result<Arc<Safe>, ErrorCode> {
        let mut state = lock(&self.state);
        if let State::Shut { at, .. } = &*state
            && at.elapsed() >= REOPEN
        {
            *state = open(&self.dir, &self.around);
        }
        match &*state {
            State::Open(safe) => Ok(Arc::clone(safe)),
            State::Shut { code, .. } => Err(*code),
        }
    }

    /// Waits a while; answers whether somebody nudged meanwhile, and `None` when it is time to end.
    fn wait(&self) -> Option<bool> {
        let nudged = lock(&self.nudged);
        let (mut nudged, _) = self
            .nudge
            .wait_timeout_while(nudged, WONDER, |nudged| !*nudged && !self.stopping.load(Ordering::Relaxed))
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.stopping.load(Ordering::Relaxed) { None } else { Some(std::mem::take(&mut nudged)) }
    }
}

fn open(dir: &std::path::Path, around: &Arc<dyn Surroundings>) -> State {
    match Safe::open(Options::new(dir.to_owned(), Arc::clone(around))) {
        Ok(safe) => State::Open(Arc::new(safe)),
        Err(error) => State::Shut { code: error.code(), at: Instant::now() },
    }
}

fn refusal(code: ErrorCode) -> String {
    let answer: Result<Handled, UiError> = Err(UiError::of(code));
    serde_json::to_string(&answer).unwrap_or_else(|_| r#"{"Err":{"code":"internal"}}"#.to_owned())
}

fn exchange_while_open(shared: &Shared) {
    let started = Instant::now();
    let now_ms = || u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (mut last_ms, mut failed, mut asked_ms, mut busy, mut nudged) = (None, 0_u32, 0, false, false);
    loop {
        if let Ok(device) = shared.device() {
            let waiting = nudged && device.is_waiting();
            let moment = Moment { now_ms: now_ms(), last_ms, failed, waiting, nudged, asked_ms, busy };
            let drawn = shared.around.random();
            if schedule::is_due(moment, u16::from_le_bytes([drawn[0], drawn[1]]) % 1001) {
                nudged = false;
                // A panic must not end background sync for the rest of the day.
                let answer = catch_unwind(AssertUnwindSafe(|| device.exchange_all())).unwrap_or(Err(SyncError::Server));
                last_ms = Some(now_ms());
                match answer {
                    Ok(ran) => (failed, asked_ms, busy) = (0, ran.next_ms, false),
                    // Somebody pressed the button at the same moment, or the server is full.
                    Err(SyncError::Busy { retry_after_ms }) => (asked_ms, busy) = (retry_after_ms, true),
                    Err(_) => (failed, busy) = (failed.saturating_add(1), false),
                }
                if failed > 0 {
                    (shared.tell)(&[Topic::Sync]);
                }
            } else if failed == 0 && !waiting {
                nudged = false;
            }
        }
        match shared.wait() {
            Some(again) => nudged |= again,
            None => return,
        }
    }
}

/// Carries photos whenever there is something to carry and the line is there, beside the exchanges and after them.
fn carry_while_open(shared: &Shared) {
    carry(shared, |_| true);
}

/// The same, only after somebody did something.
fn carry_when_nudged(shared: &Shared) {
    carry(shared, |nudged| nudged);
}

fn carry(shared: &Shared, may: impl Fn(bool) -> bool) {
    let (mut seen, mut quiet_until, mut busy_until) = (0, Instant::now(), Instant::now());
    let mut failed = 0_u32;
    while !shared.stopping.load(Ordering::Relaxed) {
        std::thread::sleep(TELL);
        let nudges = shared.nudges.load(Ordering::Relaxed);
        let nudged = nudges != seen;
        let now = Instant::now();
        if !may(nudged) || now < busy_until || (!nudged && now < quiet_until) {
            continue;
        }
        let Ok(device) = shared.device() else { continue };
        // A panic must not end the sending of photos for the rest of the day.
        match catch_unwind(AssertUnwindSafe(|| device.carry_photos())).unwrap_or(Err(SyncError::Server)) {
            // An exchange wants the line: it takes it, and this goes on.
            Ok(carried) if carried.more => failed = 0,
            // The server has said when, whatever somebody does here meanwhile.
            Err(SyncError::Busy { retry_after_ms }) => busy_until = now + Duration::from_millis(retry_after_ms.min(BUSY_MAX_MS)),
            Ok(_) => {
                (seen, failed) = (nudges, 0);
                quiet_until = Instant::now() + WONDER;
            }
            Err(_) => {
                seen = nudges;
                failed = failed.saturating_add(1);
                quiet_until = Instant::now() + CARRY_AGAIN.saturating_mul(1 << failed.min(6)).min(CARRY_AGAIN_MAX);
                (shared.tell)(&[Topic::Sync]);
            }
        }
    }
}

/// Tells the screens whenever an exchange brought something, whoever started it.
fn tell_while_open(shared: &Shared) {
    let mut told = 0;
    while !shared.stopping.load(Ordering::Relaxed) {
        std::thread::sleep(TELL);
        let arrived = match &*lock(&shared.state) {
            State::Open(safe) => safe.device().map_or(told, |device| device.arrived()),
            State::Shut { .. } => 0,
        };
        if arrived != told {
            told = arrived;
            (shared.tell)(&ARRIVED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryKeys;

    fn host(dir: &std::path::Path) -> Host {
        let machine = Machine::new(Box::new(MemoryKeys::default()), "test".to_owned());
        Host::start(dir.to_owned(), Arc::new(machine), |_| {})
    }

    const STATUS: &str = r#"{"ask":"status","with":{}}"#;

    #[test]
    fn a_host_answers_commands_and_nonsense() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let host = host(dir.path());
        assert!(host.answer(STATUS).contains(r#""stage":"not_enrolled""#));
        let nobody =
            Enrol { server: "http://127.0.0.1:1".to_owned(), code: "ABCD2345".to_owned(), password: "a-password".to_owned() };
        assert_eq!(host.enrol_once(nobody).expect_err("nobody listens there").code, ErrorCode::Unreachable);
        for nonsense in ["", "{", "null", r#"{"ask":"no_such_thing","with":{}}"#] {
            assert!(host.answer(nonsense).contains(r#""code":"malformed""#), "{nonsense}");
        }
    }

    #[test]
    fn a_damaged_file_is_said_and_kept() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(dir.path().join(crate::FILE), "this was never a database, and is long enough to be read").expect("writes");
        let host = host(dir.path());
        assert!(host.answer(STATUS).contains(r#""code":"file_corrupt""#));
        let kept = std::fs::read_dir(dir.path())
            .expect("lists")
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().contains("damaged"));
        assert!(kept, "a damaged file is set aside, never deleted");
    }
}
