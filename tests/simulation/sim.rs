//! The world of one run, and its scheduler. Everything happens on one thread, in an order that follows from the seed: what
//! waits for the network waits on the stack, and the scheduler goes on above it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::RecordId;
use store::ServerStore;
use store::device::OutboxState;
use sync_server::Core;
use sync_server::clock::SeededDice;
use sync_server::core::FILE_NAME;
use sync_server::writer::{Bystander, Writer};
use ui_protocol::UiError;

use crate::around::Hour;
use crate::book::Book;
use crate::chance::Chance;
use crate::county::{self, DONG, OWNERS, XI};
use crate::law::{Law, broken, must};
use crate::phone::{Phone, copy_folder};
use crate::plan::{Action, Plan};
use crate::wire::Flown;
use crate::{hands, tomorrow, trouble};

/// How many things may wait for the network at once.
const DEPTH_MAX: u32 = 3;
/// Lines of the run that are shown when a law is broken.
const LOG_LINES: usize = 60;

thread_local! {
    static SIM: RefCell<Option<Rc<Sim>>> = const { RefCell::new(None) };
}

/// The run of this thread.
pub fn sim() -> Rc<Sim> {
    SIM.with_borrow(|sim| sim.clone()).unwrap_or_else(|| broken(Law::Soundness, "nobody is being simulated"))
}

/// While this lives, [`sim`] answers this run.
pub struct Inside(Option<Rc<Sim>>);

/// Makes a run the one of this thread.
pub fn enter(run: &Rc<Sim>) -> Inside {
    Inside(SIM.replace(Some(Rc::clone(run))))
}

impl Drop for Inside {
    fn drop(&mut self) {
        SIM.set(self.0.take());
    }
}

/// What a phone keeps beside its file, by name.
pub type Secrets = BTreeMap<String, String>;

/// The world of one run.
pub struct Sim {
    /// Every file.
    pub dir: PathBuf,
    /// What time it is.
    pub hour: Arc<Hour>,
    /// Every decision.
    pub chance: Chance,
    /// What can happen.
    pub plan: Plan,
    /// The seed of the server's dice.
    pub seed: u64,
    core: RefCell<Option<Arc<Core>>>,
    phones: RefCell<Vec<Rc<Phone>>>,
    /// Every save.
    pub book: RefCell<Book>,
    /// What was seen on the wire.
    pub flown: RefCell<VecDeque<Flown>>,
    /// Which villages each login was granted, as the administrator remembers it.
    pub granted: RefCell<BTreeMap<&'static str, BTreeSet<&'static str>>>,
    /// Document numbers that somebody typed.
    pub documents: RefCell<Vec<String>>,
    /// Records that at any time were two names of one thing.
    pub same: RefCell<BTreeSet<(RecordId, RecordId)>>,
    /// What a newer version wrote, that this one does not understand.
    pub newer: RefCell<Vec<tomorrow::Written>>,
    /// Which values it replaced.
    pub written_over: RefCell<Vec<tomorrow::WrittenOver>>,
    /// Copies of the server's file.
    pub backups: RefCell<Vec<PathBuf>>,
    /// Copies of phones' folders: whose, where, with which secrets.
    pub phone_copies: RefCell<Vec<(usize, PathBuf, Secrets)>>,
    /// Steps so far.
    pub steps: Cell<u64>,
    /// Where the phase ends.
    pub until: Cell<u64>,
    /// Where the run ends.
    pub last: Cell<u64>,
    depth: Cell<u32>,
    /// Nothing goes wrong any more: everybody says what there is to say.
    pub quiet: Cell<bool>,
    /// A fault was put in by us and may still be felt.
    pub faulty: Cell<bool>,
    /// Faults put in so far.
    pub faults: Cell<u64>,
    /// How the server's next transaction ends.
    pub next_end: Cell<Option<trouble::End>>,
    /// The server has to be started again as soon as nobody is inside a transaction.
    pub must_restart: Cell<bool>,
    /// Groups that are open on the stack.
    pub in_group: Cell<u32>,
    /// A group is open that may be lost by now.
    pub shaky: Cell<bool>,
    /// Exchanges that are being answered on the stack.
    pub delivering: Cell<u32>,
    /// The server's work may be interrupted.
    pub armed: Cell<bool>,
    /// What the server does now, it does for an exchange.
    pub exchanging: Cell<bool>,
    /// The server's disk is full.
    pub server_full: Cell<bool>,
    /// The server was put back to a backup.
    pub rolled_back: Cell<bool>,
    /// A phone was cloned or put back.
    pub copied: Cell<bool>,
    /// Exchanges, and those that carried something.
    pub exchanges: Cell<(u64, u64)>,
    /// What happened last.
    log: RefCell<VecDeque<String>>,
    /// What happened, summed up: equal for equal runs.
    pub trace: Cell<u64>,
    tokens: Cell<u64>,
}

impl Sim {
    /// A run in a folder that holds a county.
    pub fn open(
        dir: PathBuf,
        hour: Arc<Hour>,
        chance: Chance,
        plan: Plan,
        keys: &[BTreeMap<String, String>],
        seed: u64,
    ) -> Rc<Sim> {
        let both = BTreeSet::from([DONG, XI]);
        let granted = BTreeMap::from([
            ("wang", BTreeSet::from([DONG])),
            ("li", BTreeSet::from([XI])),
            ("both", both.clone()),
            ("zhou", both),
        ]);
        let sim = Rc::new(Sim {
            dir: dir.clone(),
            hour: Arc::clone(&hour),
            chance,
            plan,
            seed,
            core: RefCell::default(),
            phones: RefCell::default(),
            book: RefCell::default(),
            flown: RefCell::default(),
            granted: RefCell::new(granted),
            documents: RefCell::default(),
            same: RefCell::default(),
            newer: RefCell::default(),
            written_over: RefCell::default(),
            backups: RefCell::default(),
            phone_copies: RefCell::default(),
            steps: Cell::new(0),
            until: Cell::new(0),
            last: Cell::new(u64::MAX),
            depth: Cell::new(0),
            quiet: Cell::new(false),
            faulty: Cell::new(false),
            faults: Cell::new(0),
            next_end: Cell::new(None),
            must_restart: Cell::new(false),
            in_group: Cell::new(0),
            shaky: Cell::new(false),
            delivering: Cell::new(0),
            armed: Cell::new(false),
            exchanging: Cell::new(false),
            server_full: Cell::new(false),
            rolled_back: Cell::new(false),
            copied: Cell::new(false),
            exchanges: Cell::new((0, 0)),
            log: RefCell::default(),
            trace: Cell::new(0),
            tokens: Cell::new(seed.wrapping_mul(100_000) % 90_000_000),
        });
        sim.start_server();
        let _inside = enter(&sim);
        for (index, owner) in OWNERS.iter().enumerate() {
            let phone = county::phone(&dir, &hour, index, owner.clone(), seed, keys[index].clone());
            if !sim.plan.asleep.contains(&index) {
                phone.start();
            }
            sim.phones.borrow_mut().push(Rc::new(phone));
        }
        drop(_inside);
        sim
    }

    /// Copies the server's file and every phone's folder, as they are on the disk now.
    pub fn copy_to(&self, to: &Path) {
        let copied = || -> std::io::Result<()> {
            std::fs::create_dir_all(to)?;
            for suffix in ["", "-wal"] {
                let name = format!("{FILE_NAME}{suffix}");
                if self.dir.join(&name).exists() {
                    std::fs::copy(self.dir.join(&name), to.join(&name))?;
                }
            }
            Ok(())
        };
        copied().unwrap_or_else(|error| broken(Law::Soundness, format!("copying the server: {error}")));
        for phone in self.phones() {
            copy_folder(&phone.dir, &county::phone_dir(to, phone.index));
        }
    }

    /// A second world that goes on from a copy of this one.
    pub fn fork(&self, dir: &Path) -> Rc<Sim> {
        let keys: Vec<_> = self.phones().iter().map(|phone| phone.around.keys.all()).collect();
        let hour = Hour::at(self.hour.now());
        let asleep = self.phones().iter().filter(|phone| !phone.is_used()).map(|phone| phone.index).collect();
        let plan = Plan::calm_without(asleep);
        let fork = Sim::open(dir.to_owned(), hour, Chance::new(self.token()), plan, &keys, self.token());
        fork.granted.replace(self.granted.borrow().clone());
        fork
    }

    /// The phones, in order.
    pub fn phones(&self) -> Vec<Rc<Phone>> {
        self.phones.borrow().clone()
    }

    /// A phone.
    pub fn phone(&self, index: usize) -> Rc<Phone> {
        Rc::clone(&self.phones.borrow()[index])
    }

    /// One more phone.
    pub fn add_phone(&self, phone: Phone) -> Rc<Phone> {
        let phone = Rc::new(phone);
        self.phones.borrow_mut().push(Rc::clone(&phone));
        phone
    }

    /// The server.
    pub fn core(&self) -> Arc<Core> {
        self.core.borrow().clone().unwrap_or_else(|| broken(Law::Soundness, "the server is off"))
    }

    /// Starts the server on its file.
    pub fn start_server(&self) {
        let path = self.dir.join(FILE_NAME);
        let opened = ServerStore::open(&path).and_then(|store| store.without_disk().map(|()| store));
        let store = opened.unwrap_or_else(|error| broken(Law::Soundness, format!("the server does not open: {error:?}")));
        let dice = Arc::new(SeededDice::new(self.seed ^ self.steps.get().wrapping_mul(0x1_0001)));
        let core = Core::with_writer(&path, self.hour.clone(), dice, |metrics| Writer::here(store, metrics, Box::new(Beside)));
        self.core.replace(Some(core));
    }

    /// Stops the server in order.
    pub fn stop_server(&self) {
        if let Some(core) = self.core.take() {
            core.stop();
        }
    }

    /// Stops the server as a power cut does, and starts it again.
    pub fn crash_server(&self) {
        self.must_restart.set(false);
        self.core.take();
        self.start_server();
    }

    /// A number nobody was given before.
    pub fn token(&self) -> u64 {
        self.tokens.set(self.tokens.get() + 1);
        self.tokens.get()
    }

    /// Writes down what happened.
    pub fn say(&self, what: impl FnOnce() -> String) {
        let line = format!("{:>5} {}{}", self.steps.get(), "  ".repeat(self.depth.get() as usize), what());
        let hash = blake3::hash(line.as_bytes());
        let mixed = u64::from_le_bytes(hash.as_bytes()[..8].try_into().expect("eight bytes"));
        self.trace.set(self.trace.get().rotate_left(5) ^ mixed);
        if std::env::var_os("SIMULATE_LOG").is_some() {
            crate::say(&line);
        }
        let mut log = self.log.borrow_mut();
        if log.len() == LOG_LINES {
            log.pop_front();
        }
        log.push_back(line);
    }

    /// The last lines.
    pub fn log(&self) -> String {
        self.log.borrow().iter().map(|line| format!("{line}\n")).collect()
    }

    /// Counts a step.
    pub fn count(&self) {
        self.steps.set(self.steps.get() + 1);
        self.hour.pass_ms(1_000 + i64::try_from(self.chance.below(240_000)).unwrap_or(0));
    }

    /// Whether the run may go on.
    pub fn has_steps(&self) -> bool {
        !self.quiet.get() && self.steps.get() < self.until.get()
    }

    /// Whether nothing waits on the stack.
    pub fn is_at_the_bottom(&self) -> bool {
        self.depth.get() == 0 && self.in_group.get() == 0 && self.delivering.get() == 0
    }

    /// What happens while something waits for the network.
    pub fn meanwhile(&self) {
        if self.depth.get() >= DEPTH_MAX {
            return;
        }
        self.depth.set(self.depth.get() + 1);
        while self.has_steps() && self.chance.once_in(2) {
            self.step();
        }
        self.depth.set(self.depth.get() - 1);
    }

    /// One thing happens.
    pub fn step(&self) {
        self.count();
        let action = self.plan.draw(&self.chance);
        let phones: Vec<Rc<Phone>> = self.phones().into_iter().filter(|phone| phone.is_used()).collect();
        let Some(phone) = self.chance.one_of(&phones).cloned() else { return };
        match action {
            Action::Edit => {
                let done = hands::edit(self, &phone);
                self.say(|| format!("phone {} {done}", phone.index));
            }
            Action::Sync => self.sync(&phone),
            other => trouble::happens(self, other, &phone),
        }
    }

    /// A phone exchanges, as its timer makes it.
    pub fn sync(&self, phone: &Rc<Phone>) {
        self.say(|| format!("phone {} begins to exchange", phone.index));
        phone.records_max.set(if self.chance.once_in(3) { 1 + self.chance.below(6) as u32 } else { u32::MAX });
        phone.in_flight.set(phone.in_flight.get() + 1);
        let generation = phone.generation.get();
        let faults = self.faults.get();
        let device = phone.device();
        let answer = device.exchange_all();
        phone.in_flight.set(phone.in_flight.get() - 1);
        if let Some((watch, said)) = phone.taking.take().filter(|_| phone.generation.get() == generation) {
            watch.end(self, crate::memory::Whose::Phone, said);
        }
        self.say(|| format!("phone {} ends with {:?}", phone.index, answer.as_ref().map(|ran| ran.answered)));
        if let Err(error) = answer {
            let excused = self.faults.get() > faults || self.server_full.get() || phone.full.get();
            trouble::judge(self, &error, excused);
            if self.faults.get() > faults && phone.generation.get() == generation && self.chance.once_in(2) {
                phone.restart();
                self.say(|| format!("phone {} was killed while it took the answer", phone.index));
            }
        }
    }

    /// Does something on a phone and writes every save of it into the book. A save that did not work leaves nothing behind.
    pub fn noted<T>(&self, phone: &Phone, edit: impl FnOnce() -> Result<T, UiError>) -> Result<T, UiError> {
        phone.look(|before| {
            let unreadable = |error: store::StoreError| -> ! { broken(Law::Soundness, format!("{error:?}")) };
            let newest = before.newest().unwrap_or_else(|error| unreadable(error)).map_or(0, |(seq, _)| seq);
            let answer = edit();
            let after = phone.look(|view| view.changes_from(newest + 1, u32::MAX).unwrap_or_else(|error| unreadable(error)));
            must(Law::Atomicity, answer.is_ok() || after.is_empty(), || {
                format!("a save that was not made left {} changes on phone {}", after.len(), phone.index)
            });
            self.book.borrow_mut().note(phone.file_name(), self.steps.get(), before, after);
            answer
        })
    }

    /// Writes down what another release saved and never sent.
    pub fn note_unsent(&self, phone: &Phone) {
        let mut book = self.book.borrow_mut();
        for row in phone.outbox().into_iter().filter(|row| row.state == OutboxState::Waiting) {
            book.note_one(phone.file_name(), self.steps.get(), row.change);
        }
    }

    /// Clocks as the run begins with them, and what an earlier release left to be sent.
    pub fn begin(&self) {
        for phone in self.phones().iter().filter(|phone| phone.is_used()) {
            self.note_unsent(phone);
        }
        if self.plan.wrong_clocks {
            for phone in self.phones() {
                phone.around.wrong_ms.store(trouble::wrong_ms(&self.chance), Ordering::Relaxed);
            }
        }
    }
}

/// Who decides when the server's groups end.
struct Beside;

impl Bystander for Beside {
    fn before_work(&self, store: &mut ServerStore) {
        trouble::before_work(&sim(), store);
    }
    fn before_commit(&self) -> bool {
        trouble::before_commit(&sim())
    }
}
