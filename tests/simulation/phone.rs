//! Somebody's phone: its folder, the device that is open on it, and a second pair of eyes on its file.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use device::{Device, Options, Surroundings};
use domain::access::Role;
use serde::de::DeserializeOwned;
use store::DeviceStore;
use store::device::{OutboxChange, Tuning, View};
use ui_protocol::session::SignIn;
use ui_protocol::{Call, DeviceCommand, ErrorCode, UiError};

use crate::around::Around;
use crate::county::PASSWORD;
use crate::law::{Law, broken};
use crate::memory::Watch;

/// Whose it is.
#[derive(Clone, Debug)]
pub struct Owner {
    /// Login of the account.
    pub login: &'static str,
    /// What the account is for.
    pub role: Role,
    /// The village its owner writes new homes into.
    pub area: &'static str,
}

/// One phone.
pub struct Phone {
    /// Its place in the list.
    pub index: usize,
    /// Whose.
    pub owner: Owner,
    /// Its folder.
    pub dir: PathBuf,
    /// What is around it.
    pub around: Arc<Around>,
    /// Counts up when it dies: what a dead one still waits for never arrives.
    pub generation: Cell<u32>,
    /// Counts up when its file is replaced by an older one.
    pub life: Cell<u32>,
    /// Its card is full.
    pub full: Cell<bool>,
    /// Its owner asks for few records at a time.
    pub records_max: Cell<u32>,
    /// An exchange of it is somewhere on the stack.
    pub in_flight: Cell<u32>,
    /// It takes an answer that says so much.
    pub taking: Cell<Option<(Watch, usize)>>,
    device: RefCell<Option<Rc<Device>>>,
    eyes: RefCell<Option<Rc<DeviceStore>>>,
}

impl Phone {
    /// A phone that is switched off.
    pub fn new(index: usize, owner: Owner, dir: PathBuf, around: Arc<Around>) -> Phone {
        Phone {
            index,
            owner,
            dir,
            around,
            generation: Cell::new(0),
            life: Cell::new(0),
            full: Cell::new(false),
            records_max: Cell::new(u32::MAX),
            in_flight: Cell::new(0),
            taking: Cell::new(None),
            device: RefCell::new(None),
            eyes: RefCell::new(None),
        }
    }

    /// The file.
    pub fn file(&self) -> PathBuf {
        self.dir.join(device::FILE)
    }

    /// Which file somebody writes on: that of this phone, and of which of its lives.
    pub fn file_name(&self) -> (usize, u32) {
        (self.index, self.life.get())
    }

    /// Switches it on and signs in.
    pub fn start(&self) {
        let pages_max = self.full.get().then_some(1);
        let tuning = Tuning { without_disk: true, pages_max, one_thread: true, ..Tuning::default() };
        let options = Options { tuning, ..Options::new(self.dir.clone(), Arc::clone(&self.around) as Arc<dyn Surroundings>) };
        let device = match Device::open(options) {
            Ok(device) => Rc::new(device),
            Err(error) => broken(Law::Soundness, format!("phone {} does not open: {error:?}", self.index)),
        };
        self.device.replace(Some(device));
        match self.ask(SignIn { password: PASSWORD.to_owned() }) {
            Ok(_) => {}
            Err(error) if error.code == ErrorCode::NotEnrolled => {}
            Err(error) => broken(Law::Soundness, format!("nobody can sign in on phone {}: {error:?}", self.index)),
        }
    }

    /// It stops in the middle of whatever it does. Nothing is closed in order.
    pub fn die(&self) {
        self.generation.set(self.generation.get() + 1);
        self.device.replace(None);
        self.eyes.replace(None);
    }

    /// It stops and is switched on again.
    pub fn restart(&self) {
        self.die();
        self.start();
    }

    /// The device, when it is on.
    pub fn device(&self) -> Rc<Device> {
        let device = self.device.borrow();
        Rc::clone(device.as_ref().unwrap_or_else(|| broken(Law::Soundness, format!("phone {} is off", self.index))))
    }

    /// Asks it, as a screen does.
    pub fn ask<C>(&self, call: C) -> Result<C::Reply, UiError>
    where
        C: Call<Command = DeviceCommand>,
        C::Reply: DeserializeOwned,
    {
        let handled = self.device().handle(call.command())?;
        serde_json::from_value(handled.reply)
            .map_err(|error| broken(Law::Soundness, format!("a reply has another shape: {error}")))
    }

    /// Looks into its file on a connection of its own.
    pub fn look<T>(&self, look: impl FnOnce(&View<'_>) -> T) -> T {
        let eyes = {
            let mut eyes = self.eyes.borrow_mut();
            let opened = eyes.get_or_insert_with(|| {
                let tuning = Tuning { without_disk: true, read_only: true, ..Tuning::default() };
                match DeviceStore::open(&self.file(), tuning) {
                    Ok(store) => Rc::new(store),
                    Err(error) => broken(Law::Soundness, format!("the file of phone {} does not open: {error:?}", self.index)),
                }
            });
            Rc::clone(opened)
        };
        match eyes.read(|view| Ok::<_, store::StoreError>(look(view))) {
            Ok(seen) => seen,
            Err(error) => broken(Law::Soundness, format!("the file of phone {} cannot be read: {error:?}", self.index)),
        }
    }

    /// Every change its file keeps, answered or not.
    pub fn outbox(&self) -> Vec<OutboxChange> {
        self.look(|view| view.changes_from(0, u32::MAX).unwrap_or_else(|error| broken(Law::Soundness, format!("{error:?}"))))
    }

    /// Whether it is used at all: one that waits for its upgrade is not.
    pub fn is_used(&self) -> bool {
        self.device.borrow().is_some()
    }
}

/// Copies a folder with everything in it; what was there goes.
pub fn copy_folder(from: &Path, to: &Path) {
    let copied = || -> std::io::Result<()> {
        if to.exists() {
            std::fs::remove_dir_all(to)?;
        }
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().ends_with("-shm") {
                // Shared memory of connections that are not copied.
                continue;
            }
            if entry.file_type()?.is_dir() {
                copy_folder(&entry.path(), &to.join(entry.file_name()));
            } else {
                std::fs::copy(entry.path(), to.join(entry.file_name()))?;
            }
        }
        Ok(())
    };
    copied().unwrap_or_else(|error| panic!("copying {}: {error}", from.display()));
}
