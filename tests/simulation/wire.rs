//! The line between a phone and the server: three steps for each round trip, and between them anything may happen.

use std::cell::Cell;
use std::rc::Rc;

use device::Credentials;
use domain::photo::BlobHash;
use sync_protocol::ask::{Ask, Told};
use sync_protocol::blob::{BlobError, BlobServer, BlobState};
use sync_protocol::form2::Question;
use sync_protocol::{BODY_BYTES_MAX, ExchangeReply, ExchangeRequest, PROTOCOL, PROTOCOL_OWN_MIN, SyncError, SyncServer, codec};
use sync_server::InProcess;

use crate::law::{Law, broken, must};
use crate::laws::{answers, convergence, families, granted};
use crate::memory::{Watch, Whose};
use crate::phone::Phone;
use crate::sim::{Sim, sim};
use crate::trouble;

/// Requests that may come once more: of those that push something, and of those that do not.
const FLOWN_MAX: [usize; 2] = [24, 8];
/// Every so-many-th phone speaks as release 0.1 did.
const OLD_ONES: usize = 4;

/// A request as it was on the wire.
#[derive(Clone)]
pub struct Flown {
    /// Who proved it.
    pub credentials: Credentials,
    /// Its bytes.
    pub body: Vec<u8>,
    /// Whose phone sent it.
    pub phone: usize,
    /// It carries changes.
    pub pushes: bool,
    /// It was carried out, in the history of the server that is.
    pub answered: Rc<Cell<bool>>,
}

/// One phone's way to the server.
pub struct Line {
    /// Whose.
    pub phone: usize,
    /// Of which of its lives.
    pub generation: u32,
    /// How it proves itself.
    pub credentials: Credentials,
    /// Records and changes that were said on it so far.
    pub said: Cell<usize>,
}

/// What the network does to one message.
enum Fate {
    Arrives,
    Lost,
    Cut,
    Twice,
}

fn fate(sim: &Sim) -> Fate {
    if sim.quiet.get() || !sim.plan.lying_network {
        return Fate::Arrives;
    }
    match sim.chance.below(40) {
        0 | 1 => Fate::Lost,
        2 => Fate::Cut,
        3 | 4 => Fate::Twice,
        _ => Fate::Arrives,
    }
}

impl Line {
    fn in_process(&self) -> InProcess {
        InProcess { core: sim().core(), credentials: proven(&self.credentials) }
    }

    fn is_dead(&self, sim: &Sim) -> bool {
        sim.phone(self.phone).generation.get() != self.generation
    }
}

impl SyncServer for Line {
    fn exchange(&self, mut request: ExchangeRequest) -> Result<ExchangeReply, SyncError> {
        let sim = sim();
        if self.is_dead(&sim) {
            return Err(SyncError::Unreachable);
        }
        // A phone may ask for little: then an answer is cut into pages.
        request.records_max = request.records_max.min(sim.phone(self.phone).records_max.get());
        request.protocol = if self.phone % OLD_ONES == OLD_ONES - 1 { PROTOCOL_OWN_MIN - 1 } else { PROTOCOL };
        if let Some((watch, said)) = sim.phone(self.phone).taking.take() {
            watch.end(&sim, Whose::Phone, said);
        }
        if sim.chance.once_in(4) {
            adds_up(&sim.phone(self.phone), &request);
        }
        let body = codec::encode_request(&request).map_err(|_| SyncError::Server)?.ok_or(SyncError::TooLarge)?;
        let question = Question::of(&request);
        must(Law::Bounded, body.len() <= BODY_BYTES_MAX, || format!("a request of {} bytes", body.len()));
        let pushes = !request.push.is_empty();
        let flown = Flown { credentials: self.credentials.clone(), body, phone: self.phone, pushes, answered: Rc::default() };
        {
            let mut all = sim.flown.borrow_mut();
            if all.iter().filter(|other| other.pushes == pushes).count() == FLOWN_MAX[usize::from(!pushes)]
                && let Some(oldest) = all.iter().position(|other| other.pushes == pushes)
            {
                all.remove(oldest);
            }
            all.push_back(flown.clone());
        }
        sim.count();
        sim.say(|| {
            let place = |position: Option<(u64, _)>| position.map_or(0, |(seq, _)| seq);
            format!(
                "phone {} sends {} changes from {:?}, acked {}, newest {}",
                self.phone,
                request.push.len(),
                request.push.first().map(|first| first.seq),
                place(request.acked),
                place(request.newest)
            )
        });
        sim.meanwhile();
        let times = match fate(&sim) {
            Fate::Lost => {
                sim.say(|| format!("the request of phone {} is lost", self.phone));
                return Err(SyncError::Unreachable);
            }
            Fate::Cut => {
                let half = codec::decode_request(&flown.body[..flown.body.len() / 2]);
                must(Law::Soundness, half.is_err(), || "half a request was read".to_owned());
                return Err(SyncError::Unreachable);
            }
            Fate::Twice => 2,
            Fate::Arrives => 1,
        };
        let mut answer = Err(SyncError::Unreachable);
        for _ in 0..times {
            answer = deliver(&sim, &flown);
        }
        sim.count();
        sim.meanwhile();
        if self.is_dead(&sim) {
            // Whoever waits for it is no process any more: what it would do with an error, nobody does.
            return Err(SyncError::Unreachable);
        }
        let down = match (answer, fate(&sim)) {
            (Err(error), _) => return Err(error),
            (_, Fate::Lost) => {
                sim.say(|| format!("the answer to phone {} is lost", self.phone));
                return Err(SyncError::Unreachable);
            }
            (Ok(down), Fate::Cut) => {
                let half = codec::decode_reply(&down[..down.len() / 2], &question);
                must(Law::Soundness, half.is_err(), || "half an answer was read".to_owned());
                return Err(SyncError::Unreachable);
            }
            (Ok(down), _) => down,
        };
        if self.is_dead(&sim) {
            return Err(SyncError::Unreachable);
        }
        sim.count();
        trouble::before_taking(&sim, &sim.phone(self.phone));
        let reply = codec::decode_reply(&down, &question).map_err(|_| SyncError::Unreachable)?;
        let told: usize = reply.scopes.iter().map(|scope| scope.told() + scope.exits.len()).sum();
        // Lists are made of all that came in one run.
        self.said.set(self.said.get() + told + request.push.len());
        sim.phone(self.phone).taking.set(Some((Watch::begin(&sim), self.said.get())));
        Ok(reply)
    }

    fn ask(&self, ask: Ask) -> Result<Told, SyncError> {
        let sim = sim();
        sim.count();
        sim.meanwhile();
        if self.is_dead(&sim) || matches!(fate(&sim), Fate::Lost | Fate::Cut) {
            return Err(SyncError::Unreachable);
        }
        let up = serde_json::to_vec(&ask).map_err(|_| SyncError::Server)?;
        let ask = serde_json::from_slice(&up).map_err(|error| SyncError::Malformed(error.to_string()))?;
        let server = InProcess { core: sim.core(), credentials: proven(&self.credentials) };
        let told = server.ask(ask);
        if self.is_dead(&sim) {
            return Err(SyncError::Unreachable);
        }
        let told = told?;
        let down = serde_json::to_vec(&told).map_err(|_| SyncError::Server)?;
        if matches!(fate(&sim), Fate::Lost | Fate::Cut) {
            return Err(SyncError::Unreachable);
        }
        serde_json::from_slice(&down).map_err(|_| SyncError::Unreachable)
    }
}

impl BlobServer for Line {
    fn blob_state(&self, hash: BlobHash) -> Result<BlobState, BlobError> {
        self.in_process().blob_state(hash)
    }
    fn put_blob(&self, hash: BlobHash, offset: u64, piece: &[u8]) -> Result<BlobState, BlobError> {
        self.in_process().put_blob(hash, offset, piece)
    }
    fn blob(&self, hash: BlobHash, offset: u64, length: u32) -> Result<Vec<u8>, BlobError> {
        self.in_process().blob(hash, offset, length)
    }
}

/// What a phone tells of its scopes is what stands in its file at that moment.
fn adds_up(phone: &Phone, request: &ExchangeRequest) {
    for state in &request.scopes {
        convergence::adds_up(phone, &state.scope, &state.digest);
    }
}

fn proven(credentials: &Credentials) -> sync_server::caller::Credentials {
    sync_server::caller::Credentials { device: credentials.device, secret: credentials.secret.clone() }
}

/// A request reaches the server; the answer is judged before it goes back.
pub fn deliver(sim: &Sim, flown: &Flown) -> Result<Vec<u8>, SyncError> {
    let (request, question) = match codec::decode_request(&flown.body) {
        Ok(read) => read,
        Err(error) => broken(Law::Soundness, format!("a whole request cannot be read: {error}")),
    };
    let device = flown.credentials.device;
    let before = granted(sim, device);
    let faults = sim.faults.get();
    // Whoever joins a group that is made to fail fails with it.
    let joins_a_bad_group = sim.shaky.get();
    sim.delivering.set(sim.delivering.get() + 1);
    let outer = sim.exchanging.replace(true);
    let core = sim.core();
    let asked = request.clone();
    let watch = Watch::begin(sim);
    let answer = core.exchange(&proven(&flown.credentials), asked);
    if let Ok(reply) = &answer {
        let told: usize = reply.scopes.iter().map(|scope| scope.told() + scope.exits.len()).sum();
        watch.end(sim, Whose::Server, request.push.len() + told);
    }
    families::note(sim, request.push.iter().map(|pushed| pushed.change.record));
    sim.exchanging.set(outer);
    sim.delivering.set(sim.delivering.get() - 1);
    sim.say(|| format!("the server answers device {device}: {}", summary(&answer)));
    let (all, busy) = sim.exchanges.get();
    let carried = answer.as_ref().is_ok_and(|reply| {
        !request.push.is_empty()
            || !reply.grants_added.is_empty()
            || !reply.grants_dropped.is_empty()
            || reply.scopes.iter().any(|scope| scope.told() > 0 || !scope.exits.is_empty())
    });
    sim.exchanges.set((all + 1, busy + u64::from(carried)));
    if let Ok(reply) = &answer {
        flown.answered.set(true);
        let after = granted(sim, device);
        answers::check(sim, &core, &request, reply, &before.union(&after).cloned().collect());
    }
    drop(core);
    if trouble::after_commit(sim) {
        return Err(SyncError::Unreachable);
    }
    match answer {
        Ok(reply) => {
            let down = codec::encode_reply(&reply, &question).map_err(|_| SyncError::Server)?.ok_or(SyncError::TooLarge)?;
            must(Law::Bounded, down.len() <= BODY_BYTES_MAX, || format!("an answer of {} bytes", down.len()));
            Ok(down)
        }
        Err(SyncError::Server) => {
            let excused = sim.faults.get() > faults || sim.server_full.get() || joins_a_bad_group;
            must(Law::Soundness, excused, || "the server failed, and nobody made it".to_owned());
            // Whoever hears of it later is excused too, also when the disk has room again by then.
            sim.faults.set(sim.faults.get() + 1);
            Err(SyncError::Server)
        }
        Err(error) => Err(error),
    }
}

fn summary(answer: &Result<ExchangeReply, SyncError>) -> String {
    match answer {
        Err(error) => format!("{error:?}"),
        Ok(reply) => {
            let verdicts: Vec<String> = reply
                .verdicts
                .iter()
                .map(|(seq, verdict)| match verdict {
                    sync_protocol::Verdict::Ok => format!("{seq}"),
                    other => format!("{seq} {other:?}"),
                })
                .collect();
            let scopes: Vec<String> = reply
                .scopes
                .iter()
                .map(|scope| {
                    let more = if scope.more { " more" } else { "" };
                    let (whole, own, exits) = (scope.whole(), scope.own.len(), scope.exits.len());
                    format!("{} {}+{whole}+{own}-{exits}{more}", scope.scope, scope.cursor)
                })
                .collect();
            format!(
                "verdicts [{}] {} +{} -{}",
                verdicts.join(", "),
                scopes.join(", "),
                reply.grants_added.len(),
                reply.grants_dropped.len()
            )
        }
    }
}
