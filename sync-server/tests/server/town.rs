//! A small county for tests: two coordinators in neighbouring villages, a landlord, an officer, the bureau; a clock that
//! stands where it is put.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use domain::access::Role;
use domain::codes::{CancelReason, IntendedStay, Reason, Relation, ReportKind, VisitPersonResult, VisitProof, VisitResult};
use domain::conflict::What;
use domain::id_document::{self, DocType};
use domain::person::Contact;
use domain::report::{ReportDocument, Said};
use domain::residency::{CANCELLED, Handed, Period, Status};
use domain::visit::{VisitFact, VisitPersonFact};
use domain::{Record, RecordId, day, kind};
use sync_protocol::{SyncServer, Verdict};
use sync_server::accounts::NewAccount;
use sync_server::clock::SeededDice;
use sync_server::county::{CHANGSHAN_CSV, read_areas};
use sync_server::demo::{Draft, Pen, Registered, Resident, home, registration, someone};
use sync_server::register::Rules;
use sync_server::{Clock, Core};

pub const WANGS: &str = "330822001001";
pub const LIS: &str = "330822001002";
pub const TOWNSHIP: &str = "330822001000";
pub const CHENS_PHONE: &str = "19900009001";
pub const PASSWORD: &str = "a long password";

/// A clock that stands still.
pub struct StillClock(AtomicI64);

impl StillClock {
    /// Stands there.
    pub fn at(unix_ms: i64) -> StillClock {
        StillClock(AtomicI64::new(unix_ms))
    }
}

impl Clock for StillClock {
    fn now_unix_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub struct Town {
    pub folder: tempfile::TempDir,
    pub clock: Arc<StillClock>,
    pub core: Arc<Core>,
    dice: SeededDice,
}

/// The file of a new town. Made once: five passwords and 213 areas are the slow part of every test.
fn freshly_made() -> &'static [u8] {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    MADE.get_or_init(Town::make)
}

/// Shanghai time of a day, as Unix milliseconds.
pub fn at(day: &str, hour: i64, minute: i64) -> i64 {
    day::start_of_day_unix_ms(day.parse().expect("a date of the test")) + (hour * 60 + minute) * 60_000
}

impl Town {
    /// On 2 March 2026, a Monday, at nine.
    pub fn new() -> Town {
        Town::with_chance(1)
    }

    /// The same town, whose server draws its secrets and ids from this seed: what a test saw can be seen again.
    pub fn with_chance(seed: u64) -> Town {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(sync_server::core::FILE_NAME);
        std::fs::write(&file, freshly_made()).expect("a copy of the town as it was made");
        let clock = Arc::new(StillClock(AtomicI64::new(at("2026-03-02", 9, 0))));
        let core = Core::open(&file, clock.clone(), Arc::new(SeededDice::new(1 << 32 | seed))).expect("a server");
        Town { folder, clock, core, dice: SeededDice::new(5) }
    }

    fn make() -> Vec<u8> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(sync_server::core::FILE_NAME);
        let clock = Arc::new(StillClock(AtomicI64::new(at("2026-03-02", 9, 0))));
        let core = Core::create(&file, clock.clone(), Arc::new(SeededDice::new(1 << 33))).expect("a server");
        core.import_areas(read_areas(CHANGSHAN_CSV).expect("our file")).expect("areas");
        core.init_county().expect("the county");
        let town = Town { folder, clock, core, dice: SeededDice::new(5) };
        town.account("wang", "王敏", Role::Coordinator, "", &[WANGS]);
        town.account("li", "李强", Role::Coordinator, "", &[LIS]);
        town.account("chen", "陈国平", Role::Landlord, CHENS_PHONE, &[]);
        town.account("zhou", "周建军", Role::Officer, "", &[TOWNSHIP]);
        town.account("admin", "管理员", Role::Admin, "", &[]);
        town.core.stop();
        std::fs::read(file).expect("the file is the whole server once it has stopped")
    }

    pub fn account(&self, login: &str, name: &str, role: Role, phone: &str, areas: &[&str]) -> domain::AccountId {
        self.core
            .add_account(NewAccount {
                login: login.to_owned(),
                name: name.to_owned(),
                role,
                phone: phone.to_owned(),
                areas: areas.iter().map(|&area| area.to_owned()).collect(),
                password: PASSWORD.to_owned(),
            })
            .expect("an account")
    }

    pub fn file(&self) -> std::path::PathBuf {
        self.core.path().to_owned()
    }

    pub fn go_to(&self, unix_ms: i64) {
        self.clock.0.store(unix_ms, Ordering::SeqCst);
    }

    pub fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// A device that has pulled everything.
    pub fn pen(&self, login: &str) -> Pen {
        let mut pen = Pen::new(&self.core, login).expect("a device");
        pen.sync().expect("a first sync");
        pen
    }

    pub fn rules(&self) -> Rules {
        self.core.look(|view| Ok(Rules::load(view)?)).expect("rules")
    }

    /// A home with two rooms, on the server.
    pub fn home(&self, pen: &mut Pen, village: &str, phone: &str) -> RecordId {
        self.pass(1000);
        let plate = 1 + self.dice.below(10_000);
        let (drafts, unit) = home(pen, village, plate, ("房东", phone), "101,102", self.core.today(), &self.dice);
        ok(pen.send(drafts));
        unit
    }

    /// The save that registers somebody at a home, and what it makes.
    pub fn newcomer(&self, pen: &Pen, unit: RecordId) -> (Vec<Draft>, Registered) {
        self.pass(1000);
        let today = self.core.today();
        let resident = Resident {
            who: someone(&self.dice, self.dice.below(10_000), 20..50, today),
            unit,
            room: None,
            arrival_on: today,
            visited_unix_ms: self.core.now_unix_ms(),
            reason: Reason::Working,
            relation: Relation::Lessee,
            intended: IntendedStay::SixMonths,
            employer: String::new(),
            guardian: None,
        };
        registration(pen, &self.rules(), &resident)
    }

    /// The save that registers somebody whom another save registers too: the same person, typed once more.
    pub fn once_more(&self, pen: &Pen, unit: RecordId, first: &[Draft]) -> (Vec<Draft>, Registered) {
        let (mut drafts, made) = self.newcomer(pen, unit);
        let person = |drafts: &[Draft]| drafts.iter().position(|draft| draft.kind == kind::PERSON).expect("a person");
        let (from, to) = (person(first), person(&drafts));
        drafts[to].groups = first[from].groups.clone();
        (drafts, made)
    }

    /// Somebody registered at a home, on the server.
    pub fn resident(&self, pen: &mut Pen, unit: RecordId) -> Registered {
        let (drafts, made) = self.newcomer(pen, unit);
        ok(pen.send(drafts));
        made
    }

    /// A landlord's report, not sent yet.
    pub fn report(&self, pen: &Pen, unit: RecordId, event_on: &str) -> Draft {
        let who = someone(&self.dice, self.dice.below(10_000), 20..50, self.core.today());
        let said = Said {
            kind: ReportKind::MoveIn,
            unit,
            room: None,
            name: who.name,
            doc_type: Some(DocType::Id),
            doc_tail: id_document::tail(&who.doc_no),
            phone: String::new(),
            event_on: event_on.to_owned(),
            submitted_unix_ms: self.core.now_unix_ms() + pen.clock_ahead_ms,
            about: None,
        };
        pen.create(kind::REPORT).with("said", &said).with("document", &ReportDocument { doc_no: who.doc_no })
    }

    /// What the server holds.
    pub fn record(&self, id: RecordId) -> Record {
        self.core.look(|view| Ok(view.record(id)?)).expect("looks").expect("the record is there")
    }

    pub fn knows(&self, id: RecordId) -> bool {
        self.core.look(|view| Ok(view.record(id)?)).expect("looks").is_some()
    }

    /// Each scope's kept sum is the sum of what is kept.
    pub fn check_sums(&self, pens: &[&Pen]) {
        for pen in pens {
            assert!(pen.agrees(), "device {} holds what the server says it holds", pen.credentials().device);
            for scope in pen.scopes() {
                let (kept, counted) =
                    self.core.look(|view| Ok((view.scope(&scope)?.digest, view.digest_counted(&scope)?))).expect("looks");
                assert_eq!(kept, counted, "the sum of {scope} is kept right");
            }
        }
    }
}

/// Every change of a save was taken.
pub fn ok(verdicts: Result<Vec<Verdict>, sync_protocol::SyncError>) {
    let verdicts = verdicts.expect("an answer");
    assert!(!verdicts.is_empty() && verdicts.iter().all(|verdict| *verdict == Verdict::Ok), "{verdicts:?}");
}

pub fn contact(phone: &str) -> Contact {
    Contact { phone: phone.to_owned(), none_reason: None }
}

pub fn phone_of(record: &Record) -> &str {
    record.text("contact", "phone").unwrap_or_default()
}

/// What a pen shows of a record it holds.
pub fn held(pen: &Pen, id: RecordId) -> Record {
    pen.record(id).expect("the device holds it")
}

/// The open conflicts a device was told of.
pub fn conflicts(pen: &Pen) -> Vec<What> {
    let open = pen.records(kind::CONFLICT).into_iter().filter(|conflict| conflict.fields("settled").is_none());
    open.map(|conflict| conflict.typed("what").expect("a conflict says what")).collect()
}

/// Ends a registration and its stay in one save.
pub fn cancel(pen: &Pen, made: Registered, on: &str, observed_unix_ms: i64) -> Vec<Draft> {
    let status = Status {
        state: CANCELLED.to_owned(),
        on: on.to_owned(),
        reason: Some(CancelReason::Left),
        note: "房东告知".to_owned(),
        observed_unix_ms,
        seen_fact: None,
    };
    vec![pen.set(&held(pen, made.residency)).with("status", &status), close(pen, made, on)]
}

/// Ends a stay.
pub fn close(pen: &Pen, made: Registered, on: &str) -> Draft {
    let stay = held(pen, made.stay);
    let from = stay.text("period", "from").unwrap_or_default().to_owned();
    pen.set(&stay).with("period", &Period { from, to: Some(on.to_owned()) })
}

/// Gives a person to another village.
pub fn hand_over(pen: &Pen, made: Registered, area: &str, on: &str) -> Vec<Draft> {
    let to = Handed { area: area.to_owned(), on: on.to_owned(), note: String::new() };
    vec![
        close(pen, made, on),
        pen.set(&held(pen, made.person)).with("handed", &to),
        pen.set(&held(pen, made.residency)).with("handed", &to),
    ]
}

/// Somebody was met at the door.
pub fn met(pen: &Pen, made: Registered, unit: RecordId, observed_unix_ms: i64) -> Vec<Draft> {
    let visit = pen.create(kind::VISIT).with(
        "fact",
        &VisitFact {
            unit,
            observed_unix_ms,
            result: VisitResult::Done,
            notice: String::new(),
            note: String::new(),
            next: None,
            registering: false,
            clock_suspect: false,
            proof: VisitProof::None,
        },
    );
    let fact = VisitPersonFact {
        visit: visit.record,
        unit,
        person: made.person,
        residency: made.residency,
        result: VisitPersonResult::Here,
        observed_unix_ms,
        status_seen: held(pen, made.residency).groups.get("status").map(|value| value.origin),
        corrects: None,
        clock_suspect: false,
    };
    let seen = pen.create(kind::VISIT_PERSON).with("fact", &fact);
    vec![visit, seen]
}

/// One exchange as it is, without following what it says.
pub fn once(pen: &mut Pen) -> Result<sync_protocol::ExchangeReply, sync_protocol::SyncError> {
    pen.server.exchange(pen.request(sync_protocol::CHANGES_MAX))
}
