//! The county every run begins with: two villages, their people's phones, a few homes. Made once, copied for each seed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use domain::access::Role;
use store::DeviceStore;
use store::device::{Durability, Tuning};
use sync_server::accounts::NewAccount;
use sync_server::clock::SeededDice;
use sync_server::core::FILE_NAME;
use sync_server::{Core, county};
use tempfile::TempDir;
use ui_protocol::session::{Enrol, SyncNow};

use crate::around::{Around, Hour};
use crate::chance::Chance;
use crate::hands;
use crate::old::Old;
use crate::phone::{Owner, Phone, copy_folder};
use crate::plan::{Action, Plan};
use crate::sim::{Secrets, Sim, enter};

/// Monday, 23 November 2026, 09:00 in Changshan.
pub const MORNING_UNIX_MS: i64 = 1_795_395_600_000;
/// Two neighbouring villages of one township.
pub const DONG: &str = "330822001201";
/// The other one.
pub const XI: &str = "330822001202";
/// Everybody's password.
pub const PASSWORD: &str = "door-step-2026";
/// Landlords' phones: homes are found by them.
pub const LANDLORDS: [&str; 2] = ["13905700099", "13905700088"];

const AREAS: &str = "code,name,level,parent\n330822000000,常山县,county,\n330822001000,天马街道,township,330822000000\n\
                     330822001201,东村,village,330822001000\n330822001202,西村,village,330822001000\n";

/// The phones of the county, in order.
pub const OWNERS: [Owner; 6] = [
    Owner { login: "wang", role: Role::Coordinator, area: DONG },
    Owner { login: "li", role: Role::Coordinator, area: XI },
    Owner { login: "wang", role: Role::Coordinator, area: DONG },
    Owner { login: "both", role: Role::Coordinator, area: XI },
    Owner { login: "chen", role: Role::Landlord, area: DONG },
    Owner { login: "lin", role: Role::Landlord, area: XI },
];

/// What every seed begins with.
pub struct County {
    dir: TempDir,
    keys: Vec<Secrets>,
    old: Old,
}

/// Where files of a run lie: in memory where the machine has such a place.
pub fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.or_else(|_| tempfile::tempdir()).expect("a folder for the run")
}

/// A hash of everybody's password that costs nothing to check: the runs sign in thousands of times.
fn cheap_hash() -> String {
    let params = Params::new(8, 1, 1, None).expect("the smallest parameters argon2 takes");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]).expect("a hash").to_string()
}

/// Makes the next signing in on this file cheap.
pub fn cheapen(file: &Path) {
    let store = DeviceStore::open(file, Tuning { without_disk: true, ..Tuning::default() }).expect("the phone's file");
    store.write(Durability::Pulled, |writing| writing.set_meta("password", &cheap_hash())).expect("the hash is written");
}

impl County {
    /// Makes it.
    pub fn make() -> County {
        let dir = scratch();
        let hour = Hour::at(MORNING_UNIX_MS);
        let file = dir.path().join(FILE_NAME);
        let core = Core::create(&file, hour.clone(), Arc::new(SeededDice::new(7))).expect("a new server");
        core.init_county().expect("holidays, policy, notice");
        core.import_areas(county::read_areas(AREAS).expect("four areas")).expect("areas");
        let account = |login: &str, role: Role, areas: &[&str], phone: &str| {
            let id = core
                .add_account(NewAccount {
                    login: login.to_owned(),
                    name: login.to_owned(),
                    role,
                    phone: phone.to_owned(),
                    areas: areas.iter().map(|area| (*area).to_owned()).collect(),
                    password: PASSWORD.to_owned(),
                })
                .expect("an account");
            core.write(move |write| Ok(write.set_password(id, &cheap_hash())?)).expect("a cheap hash");
        };
        account("wang", Role::Coordinator, &[DONG], "");
        account("li", Role::Coordinator, &[XI], "");
        account("both", Role::Coordinator, &[DONG, XI], "");
        account("zhou", Role::Officer, &[DONG, XI], "");
        account("chen", Role::Landlord, &[], LANDLORDS[0]);
        account("lin", Role::Landlord, &[], LANDLORDS[1]);
        core.stop();
        drop(core);

        let none = vec![BTreeMap::new(); OWNERS.len()];
        let sim = Sim::open(dir.path().to_owned(), hour, Chance::new(1), Plan::calm(), &none, 1);
        let _inside = enter(&sim);
        for phone in sim.phones() {
            let code = sim.core().enrol_code(phone.owner.login).expect("a code");
            phone.ask(Enrol { server: "http://county".to_owned(), code, password: PASSWORD.to_owned() }).expect("enrolled");
            phone.ask(SyncNow {}).expect("the first exchange");
        }
        for (index, area) in [(0, DONG), (1, XI)] {
            let phone = sim.phone(index);
            let home = hands::home(&sim, &phone, area).expect("a home");
            hands::register(&sim, &phone, home).expect("a resident");
            phone.ask(SyncNow {}).expect("an exchange");
        }
        let keys = sim.phones().iter().map(|phone| phone.around.keys.all()).collect();
        for phone in sim.phones() {
            phone.ask(SyncNow {}).expect("an exchange");
            phone.device().close();
            phone.die();
            cheapen(&phone.file());
        }
        sim.stop_server();
        County { dir, keys, old: Old::unpack() }
    }

    /// The county as it was made, in a folder of its own, under a plan and a seed.
    pub fn begin(&self, seed: u64, plan: Plan) -> (TempDir, Rc<Sim>) {
        let dir = scratch();
        let (from, keys) =
            if plan.has(Action::Upgrade) { (self.old.dir.path(), &self.old.keys) } else { (self.dir.path(), &self.keys) };
        copy_folder(from, dir.path());
        let hour = Hour::at(MORNING_UNIX_MS + 2 * 3_600_000);
        let sim = Sim::open(dir.path().to_owned(), hour, Chance::new(seed), plan, keys, seed);
        (dir, sim)
    }
}

/// Where a phone's folder is.
pub fn phone_dir(dir: &Path, index: usize) -> PathBuf {
    dir.join(format!("phone-{index}"))
}

/// A phone of the list, switched off.
pub fn phone(dir: &Path, hour: &Arc<Hour>, index: usize, owner: Owner, seed: u64, keys: BTreeMap<String, String>) -> Phone {
    let around = Around::new(index, hour, seed.wrapping_mul(1_000).wrapping_add(index as u64 + 1), keys);
    Phone::new(index, owner, phone_dir(dir, index), around)
}
