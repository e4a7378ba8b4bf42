//! The one place that writes, as a rule a thread of its own. What is queued while it is busy shares its next COMMIT, and nobody
//! is answered before that.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use store::server::{MemberError, Write};
use store::{ServerStore, StoreError};

use crate::failure::Failure;
use crate::metrics::Metrics;

/// Pieces of work that share one COMMIT at the most: more would make the first one wait.
const GROUP_MAX: usize = 64;

/// One piece of work, whatever its answer is.
trait Job: Send {
    /// Does it inside the open group. False when the group is lost.
    fn work(&mut self, store: &mut ServerStore) -> bool;
    /// Tells whoever waits, once it is known whether it happened.
    fn answer(self: Box<Self>, committed: bool);
}

struct Task<T, W> {
    work: Option<W>,
    done: Option<Result<T, Failure>>,
    reply: SyncSender<Result<T, Failure>>,
}

impl<T, W> Job for Task<T, W>
where
    T: Send,
    W: FnOnce(&Write<'_>) -> Result<T, Failure> + Send,
{
    fn work(&mut self, store: &mut ServerStore) -> bool {
        let Some(work) = self.work.take() else { return true };
        // A panic in one exchange is one exchange's trouble.
        let guarded = |write: &Write<'_>| catch_unwind(AssertUnwindSafe(|| work(write))).unwrap_or(Err(Failure::Panicked));
        match store.member(guarded) {
            Ok(value) => {
                self.done = Some(Ok(value));
                true
            }
            Err(MemberError::Work(failure)) => {
                self.done = Some(Err(failure));
                true
            }
            Err(MemberError::GroupLost(error)) => {
                self.done = Some(Err(error.into()));
                false
            }
        }
    }

    fn answer(self: Box<Self>, committed: bool) {
        let done = match self.done {
            // What was refused without writing stays refused for its own reason.
            Some(Err(failure)) => Err(failure),
            Some(Ok(value)) if committed => Ok(value),
            _ => Err(Failure::Store(StoreError::File(std::io::Error::other("the group was not committed")))),
        };
        // Whoever asked may have gone: the work is done all the same, and a repeated request gets the same answer.
        let _ = self.reply.send(done);
    }
}

/// The pieces of work that share the next COMMIT, and the connection they are done on.
struct Group {
    store: ServerStore,
    members: Vec<Box<dyn Job>>,
    /// It could not begin, or SQLite gave it up: nothing of it will have happened.
    lost: bool,
    metrics: Arc<Metrics>,
}

impl Group {
    fn new(store: ServerStore, metrics: Arc<Metrics>) -> Group {
        Group { store, members: Vec::new(), lost: false, metrics }
    }

    /// Does a piece of work inside the group; the first one begins it. Nobody is answered yet.
    fn join(&mut self, mut job: Box<dyn Job>) {
        if self.members.is_empty() {
            self.lost = match self.store.begin_group() {
                Ok(()) => false,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a group could not begin");
                    true
                }
            };
        }
        if !self.lost && !job.work(&mut self.store) {
            tracing::error!(members = self.members.len() + 1, "a group was lost: SQLite gave its transaction up");
            self.store.give_group_up();
            self.lost = true;
        }
        self.members.push(job);
    }

    /// Commits what was joined, and only then answers everybody.
    fn close(&mut self) {
        if self.members.is_empty() {
            return;
        }
        let committed = !self.lost && self.commit();
        self.metrics.group(self.members.len(), committed);
        for job in self.members.drain(..) {
            job.answer(committed);
        }
    }

    fn commit(&mut self) -> bool {
        match self.store.commit_group() {
            Ok(()) => true,
            Err(error) => {
                let members = self.members.len();
                tracing::error!(error = &error as &dyn std::error::Error, members, "a group could not be committed");
                false
            }
        }
    }

    /// Ends a group of which nothing may stay.
    fn give_up(&mut self) {
        if !self.members.is_empty() && !self.lost {
            self.store.give_group_up();
            self.lost = true;
        }
    }
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Group").field("members", &self.members.len()).finish_non_exhaustive()
    }
}

/// Who decides when a group ends where no thread does: a simulation, in which everything happens in one order.
pub trait Bystander: Send + Sync {
    /// A piece of work is about to be done on this store.
    fn before_work(&self, store: &mut ServerStore);
    /// It is done and not committed. Other pieces may join the group from here. Answers whether the COMMIT may happen; if not,
    /// it is as if the machine had stopped here.
    fn before_commit(&self) -> bool;
}

/// Where the writing is done.
enum Place {
    Thread { jobs: Mutex<Option<Sender<Box<dyn Job>>>>, thread: Mutex<Option<JoinHandle<()>>> },
    Here { group: Mutex<Option<Group>>, bystander: Box<dyn Bystander> },
}

/// A handle on what writes.
pub struct Writer(Place);

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writer")
    }
}

impl std::fmt::Debug for dyn Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Job")
    }
}

impl Writer {
    /// Starts the thread. It owns the connection.
    pub fn start(store: ServerStore, metrics: Arc<Metrics>) -> Writer {
        let (jobs, queue) = channel::<Box<dyn Job>>();
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || serve(Group::new(store, metrics), &queue))
            .expect("a process that starts can start a thread");
        Writer(Place::Thread { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)) })
    }

    /// Writes on the thread of whoever asks, so that a simulation can be repeated.
    pub fn here(store: ServerStore, metrics: Arc<Metrics>, bystander: Box<dyn Bystander>) -> Writer {
        Writer(Place::Here { group: Mutex::new(Some(Group::new(store, metrics))), bystander })
    }

    /// Does `work` in a transaction and answers after its COMMIT. Waits for it.
    ///
    /// # Errors
    /// Whatever `work` answers; [`Failure::Store`] when the group could not be committed; [`Failure::Stopped`].
    pub fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Write<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (reply, answer) = sync_channel(1);
        let job = Box::new(Task { work: Some(work), done: None, reply });
        match &self.0 {
            Place::Thread { jobs, .. } => {
                let jobs = lock(jobs).clone().ok_or(Failure::Stopped)?;
                jobs.send(job).map_err(|_| Failure::Stopped)?;
            }
            Place::Here { group, bystander } => run_here(group, bystander.as_ref(), job)?,
        }
        answer.recv().map_err(|_| Failure::Stopped)?
    }

    /// Takes no more work, does what is queued, and ends the thread.
    pub fn stop(&self) {
        match &self.0 {
            Place::Thread { jobs, thread } => {
                lock(jobs).take();
                let thread = lock(thread).take();
                if let Some(thread) = thread
                    && thread.join().is_err()
                {
                    tracing::error!("the writer ended with a panic");
                }
            }
            Place::Here { group, .. } => {
                if let Some(mut group) = lock(group).take() {
                    group.close();
                    fold(&mut group.store);
                }
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // One without a thread may be dropped to play a machine that stops: then nothing is put in order.
        if matches!(self.0, Place::Thread { .. }) {
            self.stop();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The group is not held while the bystander is asked: whoever joins meanwhile ends it for all.
fn run_here(group: &Mutex<Option<Group>>, bystander: &dyn Bystander, job: Box<dyn Job>) -> Result<(), Failure> {
    {
        let mut group = lock(group);
        let group = group.as_mut().ok_or(Failure::Stopped)?;
        bystander.before_work(&mut group.store);
        group.join(job);
    }
    let may_commit = bystander.before_commit();
    if let Some(group) = lock(group).as_mut() {
        if !may_commit {
            group.give_up();
        }
        group.close();
    }
    Ok(())
}

fn serve(mut group: Group, queue: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = queue.recv() {
        group.join(first);
        for job in queue.try_iter().take(GROUP_MAX - 1) {
            group.join(job);
        }
        group.close();
    }
    fold(&mut group.store);
}

fn fold(store: &mut ServerStore) {
    if let Err(error) = store.fold_log() {
        // The log stays beside the file and is read at the next start: nothing is lost.
        tracing::warn!(error = &error as &dyn std::error::Error, "the log was not folded into the file");
    }
}
