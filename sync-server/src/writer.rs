//! The one thread that writes. What is queued while it is busy shares its next COMMIT, and nobody is answered before that.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
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

/// A handle on the writing thread.
#[derive(Debug)]
pub struct Writer {
    jobs: Mutex<Option<Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
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
            .spawn(move || serve(store, &queue, &metrics))
            .expect("a process that starts can start a thread");
        Writer { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)) }
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
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or(Failure::Stopped)?;
        jobs.send(Box::new(Task { work: Some(work), done: None, reply })).map_err(|_| Failure::Stopped)?;
        drop(jobs);
        answer.recv().map_err(|_| Failure::Stopped)?
    }

    /// Takes no more work, does what is queued, and ends the thread.
    pub fn stop(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer ended with a panic");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(mut store: ServerStore, queue: &Receiver<Box<dyn Job>>, metrics: &Metrics) {
    while let Ok(first) = queue.recv() {
        let mut group = vec![first];
        group.extend(queue.try_iter().take(GROUP_MAX - 1));
        let committed = do_group(&mut store, &mut group);
        metrics.group(group.len(), committed);
        for job in group {
            job.answer(committed);
        }
    }
    if let Err(error) = store.fold_log() {
        // The log stays beside the file and is read at the next start: nothing is lost.
        tracing::warn!(error = &error as &dyn std::error::Error, "the log was not folded into the file");
    }
}

fn do_group(store: &mut ServerStore, group: &mut [Box<dyn Job>]) -> bool {
    if let Err(error) = store.begin_group() {
        tracing::error!(error = &error as &dyn std::error::Error, "a group could not begin");
        return false;
    }
    if !group.iter_mut().all(|job| job.work(store)) {
        tracing::error!(members = group.len(), "a group was lost: SQLite gave its transaction up");
        store.give_group_up();
        return false;
    }
    match store.commit_group() {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, members = group.len(), "a group could not be committed");
            false
        }
    }
}
