//! The command line.

mod console;
mod guests;
mod prove;
mod quarantine;
mod serve;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::access::Role;

use crate::clock::{SystemClock, SystemDice};
use crate::core::{Core, FILE_NAME};

/// Doorstep's server: one binary, one file.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// The folder that holds the one file.
    #[arg(long, env = "DOORSTEP_DATA", default_value = "doorstep-data", global = true)]
    data: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Listens, until it is told to stop.
    Serve(ServeArgs),
    /// Makes the file: areas, holidays, policy, the notice to residents. Safe to repeat.
    Init {
        /// Areas of another county: `code,name,level,parent`.
        #[arg(long)]
        areas: Option<PathBuf>,
    },
    /// Who may sign in.
    #[command(subcommand)]
    Account(AccountCommand),
    /// What they work with.
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Townships and villages.
    #[command(subcommand)]
    Area(AreaCommand),
    /// Chooses the rules for what happens from a day on: `zj-2016` (in force), or `zj-2009` with the temporary permit.
    Policy {
        /// The pack.
        #[arg(value_parser = [domain::policy::ZJ_2016, domain::policy::ZJ_2009])]
        pack: String,
        /// The first day, YYYY-MM-DD.
        #[arg(long)]
        from: chrono::NaiveDate,
    },
    /// Tells everybody the holidays of a year, from a table `date,name,off` as the State Council announced them (`off` 1: day off,
    /// 0: a weekend day that is worked). A changed announcement is brought the same way.
    Holidays {
        /// The year.
        year: i32,
        /// The table.
        file: PathBuf,
    },
    /// Tells everybody another wording of the letter of responsibility (责任书), as JSON: `version`, `from`, `clauses` with `zh` and `en`.
    /// Letters that were signed stay in theirs.
    Letter {
        /// The file.
        file: PathBuf,
    },
    /// Late work that waits for a decision.
    #[command(subcommand)]
    Quarantine(quarantine::QuarantineCommand),
    /// The bytes of photos.
    #[command(subcommand)]
    Photos(PhotosCommand),
    /// Copies the file, while the server runs or not, and checks the copy; the photos into a folder beside it.
    Backup {
        /// A file that is not there yet.
        file: PathBuf,
    },
    /// Says that accounts, villages and devices are right again after a restore: until then no device is told what left it.
    ConfirmRestore {
        /// Only says who was enrolled, got another number or wrote since the restore; confirms nothing.
        #[arg(long)]
        look: bool,
    },
    /// Comes back from a copy. Stop the server first.
    Restore {
        /// The copy.
        file: PathBuf,
        /// Sets the file that is there aside.
        #[arg(long)]
        replace: bool,
    },
    /// Looks at a copy as if the server had to come back from it: restores it into a room of its own, opens it, counts every
    /// sum again.
    VerifyBackup {
        /// The copy; it is only read.
        file: PathBuf,
        /// It is no error that photos are missing beside it.
        #[arg(long)]
        without_photos: bool,
    },
    /// Looks through the whole file, while the server runs or not: hashes, sums, versions, the audit, outboxes, lists. Ends with an
    /// error when anything is wrong.
    Verify {
        /// Puts right what the stored rows tell: hashes, sums, places in scopes, lists, references.
        #[arg(long)]
        repair: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Why something is as it is: where a record is, what became of a save, what an account may see. Ids and times, no values.
    #[command(subcommand)]
    Why(prove::WhyCommand),
    /// Makes a demo county with made-up people.
    Demo {
        /// The day on which the story ends; today without it.
        #[arg(long)]
        today: Option<NaiveDate>,
        /// Another number, other people.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Prints accounts with fresh enrolment codes as JSON and nothing else.
        #[arg(long)]
        codes: bool,
    },
}

#[derive(Args)]
struct ServeArgs {
    /// Address and port.
    #[arg(long, env = "DOORSTEP_LISTEN", default_value = "127.0.0.1:8600")]
    listen: std::net::SocketAddr,
    /// The built screens: a folder with `desk` and `field`.
    #[arg(long, env = "DOORSTEP_SCREENS")]
    screens: Option<PathBuf>,
    /// Certificate chain, PEM.
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its key, PEM.
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A proxy in front speaks TLS; everything arrives through it.
    #[arg(long)]
    behind_proxy: bool,
    /// Where backups go, one an hour; best on another disk. Without it, into `backups` in the data folder.
    #[arg(long, env = "DOORSTEP_BACKUPS")]
    backups: Option<PathBuf>,
    /// Minutes between two backups; 0 makes none.
    #[arg(long, default_value_t = 60)]
    backup_minutes: u64,
    /// Lets `/metrics` be read from elsewhere with `Authorization: Bearer TOKEN`.
    #[arg(long, env = "DOORSTEP_METRICS_TOKEN", hide_env_values = true)]
    metrics_token: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleArg {
    Coordinator,
    Landlord,
    Officer,
    Admin,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Role {
        match role {
            RoleArg::Coordinator => Role::Coordinator,
            RoleArg::Landlord => Role::Landlord,
            RoleArg::Officer => Role::Officer,
            RoleArg::Admin => Role::Admin,
        }
    }
}

#[derive(Subcommand)]
enum AccountCommand {
    /// A new account. The password is read from standard input; without one, one is made up and printed.
    Add {
        /// What is typed to sign in.
        #[arg(long)]
        login: String,
        /// What people say.
        #[arg(long)]
        name: String,
        /// What it is for.
        #[arg(long)]
        role: RoleArg,
        /// Codes of villages or townships; may be repeated.
        #[arg(long = "area")]
        areas: Vec<String>,
        /// A landlord's phone, as in the homes' records.
        #[arg(long, default_value = "")]
        phone: String,
        /// Reads the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// All accounts.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Gives an account other areas, instead of those it has.
    Areas {
        /// The account.
        #[arg(long)]
        login: String,
        /// Codes of villages or townships.
        #[arg(long = "area", num_args = 1.., required = true)]
        areas: Vec<String>,
    },
    /// A one-time code with which the person sets a new password.
    Reset {
        /// The account.
        #[arg(long)]
        login: String,
    },
    /// Shuts an account and its devices out.
    Disable {
        /// The account.
        #[arg(long)]
        login: String,
        /// Lets it in again.
        #[arg(long)]
        undo: bool,
    },
}

#[derive(Subcommand)]
enum DeviceCommand {
    /// A one-time code for a new device, valid for 15 minutes.
    Code {
        /// Whose.
        #[arg(long)]
        account: String,
        /// Prints `{"code": …}` and nothing else.
        #[arg(long)]
        json: bool,
        /// Writes the QR picture into this file as SVG.
        #[arg(long)]
        svg: Option<PathBuf>,
    },
    /// All devices.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Whether devices hold the same as the register, area by area: what each said last and what came of comparing it.
    Proof {
        /// One device's number; all without it.
        number: Option<u32>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shuts a device out; it deletes what it holds at its next call.
    Revoke {
        /// Its number.
        number: u32,
    },
}

#[derive(Subcommand)]
enum PhotosCommand {
    /// Removes the bytes of photos that nobody has named for a while. A running server does it by itself once a day.
    Clean {
        /// How long after the last record was withdrawn, in days.
        #[arg(long, default_value_t = crate::photos::GRACE_DAYS)]
        grace_days: u32,
    },
    /// Photos whose bytes have not come, by the device that has them.
    Missing {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
enum AreaCommand {
    /// Takes areas in from `code,name,level,parent`.
    Import {
        /// The file.
        file: PathBuf,
    },
    /// All areas.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Reads the arguments and does what they say.
///
/// # Errors
/// For a person at the console.
pub fn main() -> anyhow::Result<()> {
    // The register, its copies and the photos are for the account the server runs under, and for nobody else on the machine.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let Cli { data, command } = Cli::parse();
    match command {
        Command::Serve(args) => serve::serve(&data, args),
        Command::Init { areas } => console::init(&data, areas.as_deref()),
        Command::Account(command) => console::account(&data, command),
        Command::Device(command) => console::device(&data, command),
        Command::Area(command) => console::area(&data, command),
        Command::Policy { pack, from } => console::policy(&data, pack, from),
        Command::Holidays { year, file } => console::holidays(&data, year, &file),
        Command::Letter { file } => console::letter(&data, &file),
        Command::Quarantine(command) => quarantine::quarantine(&data, command),
        Command::Photos(command) => console::photos(&data, command),
        Command::Backup { file } => console::backup(&data, &file),
        Command::ConfirmRestore { look } => console::confirm_restore(&data, look),
        Command::Restore { file, replace } => console::restore(&data, &file, replace),
        Command::VerifyBackup { file, without_photos } => console::verify_backup(&file, without_photos),
        Command::Why(what) => prove::why(&data, what),
        Command::Verify { repair, json } => prove::verify(&data, repair, json),
        Command::Demo { today, seed, codes } => console::demo(&data, today, seed, codes),
    }
}

fn open(data: &std::path::Path) -> anyhow::Result<Arc<Core>> {
    let file = data.join(FILE_NAME);
    Core::open(&file, Arc::new(SystemClock), Arc::new(SystemDice)).with_context(|| format!("opening {}", file.display()))
}
