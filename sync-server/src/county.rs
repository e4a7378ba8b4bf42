//! What the server says to everybody: areas, holidays, the chosen policy pack, the notice to residents.

use std::collections::BTreeMap;

use chrono::Datelike;
use domain::area::Area;
use domain::calendar::Calendar;
use domain::county::{HolidayYear, Notice, PolicyChoice};
use domain::ids::derived_id;
use domain::letter_text::{self, Wording};
use domain::place::is_village_code;
use domain::policy::ZJ_2016;
use domain::{Record, kind, record};
use store::server::Write;

use crate::accounts::audit;
use crate::core::Core;
use crate::failure::{AdminError, Failure};
use crate::register::Ledger;

/// Changshan County: 14 townships, 198 villages and communities.
pub const CHANGSHAN_CSV: &str = include_str!("../data/areas.csv");

/// The version of the notice this build brings.
pub const NOTICE_VERSION: &str = "notice-1";

/// The lines of an area file: `code,name,level,parent`, with that heading.
///
/// # Errors
/// [`AdminError::BadAreaLine`].
pub fn read_areas(csv: &str) -> Result<Vec<Area>, AdminError> {
    let mut areas = Vec::new();
    for (at, line) in csv.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || (at == 0 && line.starts_with("code,")) {
            continue;
        }
        let bad = AdminError::BadAreaLine { line: at + 1 };
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let [code, name, level, parent] = cells[..] else { return Err(bad) };
        let fits = is_village_code(code)
            && domain::text::require_text(name, 50).is_ok()
            && matches!(level, "county" | "township" | "village")
            && (parent.is_empty() == (level == "county"));
        if !fits {
            return Err(bad);
        }
        areas.push(Area { code: code.to_owned(), name: name.to_owned(), level: level.to_owned(), parent: parent.to_owned() });
    }
    Ok(areas)
}

/// Writes one record of the county; nothing when it says so already.
fn put(ledger: &mut Ledger<'_>, kind: &str, key: &str, group: &str, fields: record::Fields) -> Result<bool, Failure> {
    let id = derived_id(&[kind, key]);
    let mut record = ledger.get(id)?.unwrap_or_else(|| Record::empty(kind, id));
    if record.kind != kind {
        return Err(AdminError::NameTaken(key.to_owned()).into());
    }
    if record.fields(group) == Some(&fields) {
        return Ok(false);
    }
    ledger.put_group(&mut record, group, fields)?;
    Ok(true)
}

fn put_areas(write: &Write<'_>, ledger: &mut Ledger<'_>, areas: &[Area]) -> Result<usize, Failure> {
    let mut changed = 0;
    for area in areas {
        let above_known =
            area.parent.is_empty() || write.area(&area.parent)?.is_some() || areas.iter().any(|other| other.code == area.parent);
        if !above_known {
            return Err(AdminError::NoArea(area.parent.clone()).into());
        }
        write.put_area(area)?;
        changed += usize::from(put(ledger, kind::AREA, &area.code, "area", record::to_fields(area))?);
    }
    Ok(changed)
}

impl Core {
    /// Takes areas in; answers how many were new or changed.
    ///
    /// # Errors
    /// [`AdminError::NoArea`] for a parent nobody knows.
    pub fn import_areas(&self, areas: Vec<Area>) -> Result<usize, Failure> {
        let (clock, dice) = (self.clock.clone(), self.dice.clone());
        self.write(move |write| {
            let now_unix_ms = clock.now_unix_ms();
            let mut ledger = Ledger::new(write, now_unix_ms, &*dice);
            let changed = put_areas(write, &mut ledger, &areas)?;
            ledger.publish()?;
            audit(write, now_unix_ms, "area.import", "", &changed.to_string())?;
            Ok(changed)
        })
    }

    /// Writes the holidays this build knows, the policy pack in force and the notice. Safe to repeat; what the county has
    /// changed since is not written over, because each is written only once.
    ///
    /// # Errors
    /// As the store says.
    pub fn init_county(&self) -> Result<(), Failure> {
        let (clock, dice) = (self.clock.clone(), self.dice.clone());
        self.write(move |write| {
            let mut ledger = Ledger::new(write, clock.now_unix_ms(), &*dice);
            let mut records: Vec<(&str, String, &str, record::Fields)> = holiday_years()
                .into_iter()
                .map(|year| (kind::HOLIDAYS, year.year.to_string(), "days", record::to_fields(&year)))
                .collect();
            let choice = PolicyChoice { pack: ZJ_2016.to_owned(), from: "2016-07-01".to_owned() };
            records.push((kind::POLICY, ZJ_2016.to_owned(), "choice", record::to_fields(&choice)));
            let notice = Notice { version: NOTICE_VERSION.to_owned(), zh: NOTICE_ZH.to_owned(), en: NOTICE_EN.to_owned() };
            records.push((kind::NOTICE, NOTICE_VERSION.to_owned(), "text", record::to_fields(&notice)));
            for (kind, key, group, fields) in records {
                if ledger.get(derived_id(&[kind, &key]))?.is_none() {
                    put(&mut ledger, kind, &key, group, fields)?;
                }
            }
            ledger.publish()?;
            Ok(())
        })
    }

    /// Tells everybody the holidays of a year, in the place of what was known of it. Answers whether that is news. Due dates that were
    /// computed stay as they are.
    ///
    /// # Errors
    /// As the store says.
    pub fn set_holidays(&self, year: HolidayYear) -> Result<bool, Failure> {
        let (clock, dice) = (self.clock.clone(), self.dice.clone());
        self.write(move |write| {
            let now_unix_ms = clock.now_unix_ms();
            let mut ledger = Ledger::new(write, now_unix_ms, &*dice);
            let key = year.year.to_string();
            if !put(&mut ledger, kind::HOLIDAYS, &key, "days", record::to_fields(&year))? {
                return Ok(false);
            }
            ledger.publish()?;
            audit(write, now_unix_ms, "holidays.set", &key, &format!("{} off, {} worked", year.off.len(), year.work.len()))?;
            Ok(true)
        })
    }

    /// Chooses a policy pack for events from a day on. Due dates that were computed stay as they are.
    ///
    /// # Errors
    /// As the store says.
    pub fn choose_policy(&self, choice: PolicyChoice) -> Result<(), Failure> {
        let (clock, dice) = (self.clock.clone(), self.dice.clone());
        self.write(move |write| {
            let now_unix_ms = clock.now_unix_ms();
            let mut ledger = Ledger::new(write, now_unix_ms, &*dice);
            let key = format!("{} {}", choice.pack, choice.from);
            put(&mut ledger, kind::POLICY, &key, "choice", record::to_fields(&choice))?;
            ledger.publish()?;
            audit(write, now_unix_ms, "policy.choose", &choice.pack, &choice.from)
        })
    }
}

impl Core {
    /// Tells everybody a wording of the letter of responsibility. A version that is known stays as it was: letters were signed in it.
    ///
    /// # Errors
    /// [`AdminError::BadWording`] for one that is not whole, or whose version says something else already.
    pub fn add_letter_wording(&self, wording: Wording) -> Result<bool, Failure> {
        if let Some(field) = wording.problem() {
            return Err(AdminError::BadWording(field.to_owned()).into());
        }
        let (clock, dice) = (self.clock.clone(), self.dice.clone());
        self.write(move |write| {
            let now_unix_ms = clock.now_unix_ms();
            let mut ledger = Ledger::new(write, now_unix_ms, &*dice);
            let key = format!("letter {}", wording.version);
            let known = ledger.get(derived_id(&[kind::POLICY, &key]))?.and_then(|record| record.typed::<Wording>("letter"));
            let known = known.or_else(|| letter_text::shipped().iter().find(|known| known.version == wording.version).cloned());
            match known {
                Some(known) if known == wording => return Ok(false),
                Some(_) => return Err(AdminError::BadWording("version".to_owned()).into()),
                None => {}
            }
            put(&mut ledger, kind::POLICY, &key, "letter", record::to_fields(&wording))?;
            ledger.publish()?;
            audit(write, now_unix_ms, "letter.wording", &wording.version, &wording.from)?;
            Ok(true)
        })
    }
}

fn holiday_years() -> Vec<HolidayYear> {
    let mut years: BTreeMap<i32, HolidayYear> = BTreeMap::new();
    for (day, off) in Calendar::embedded_days() {
        let entry =
            years.entry(day.year()).or_insert_with(|| HolidayYear { year: day.year(), off: Vec::new(), work: Vec::new() });
        if off { &mut entry.off } else { &mut entry.work }.push(day.to_string());
    }
    years.into_values().collect()
}

const NOTICE_ZH: &str = "\
个人信息收集告知书

一、谁在收集：常山县公安局，由各乡镇（街道）流动人口服务管理站的协管员上门办理。
二、为什么收集：依照《浙江省流动人口居住登记条例》办理居住登记。居住登记由您本人申报，登记之日起计算居住期限，是申领居住证的依据。
三、收集什么：姓名、性别、出生日期、公民身份号码或者其他证件号码、户籍地址、居住地址、联系电话、来常日期、居住事由、拟居住时间，以及就业单位（如有）。十六周岁以下的，由监护人代为申报，并收集监护人姓名和电话。
四、不收集什么：不采集人脸、指纹，不收集宗教信仰、民族统计和行踪轨迹，不给个人贴标签。
五、谁能看到：您居住的村（社区）的协管员、所属派出所以及县公安局因履行职责需要的人员。房东只能看到他自己报送的内容。查看完整证件号码会留下记录。
六、保存多久：居住登记有效期间保存；注销后按规定期限保存，期满删除或者匿名处理。
七、您的权利：您可以查阅、复制登记内容，可以要求更正错误，可以要求说明理由，可以索取登记回执。可以向协管员、派出所或者县公安局提出。
八、法律依据：《中华人民共和国个人信息保护法》第十三条、第十七条、第三十五条；《中华人民共和国户口登记条例》；《浙江省流动人口居住登记条例》第七条、第十三条。依法登记不收取费用。";

const NOTICE_EN: &str = "\
Notice about your personal information

1. Who asks: the Public Security Bureau of Changshan County, through the coordinators of the service stations in each township.
2. Why: residence registration under the Zhejiang regulation on the registration of the floating population. You declare it yourself; your time of residence, on which a residence permit depends, counts from the day you declare.
3. What is asked: name, sex, date of birth, number of your identity document, address of your household registration, address here, phone, date of arrival, reason for living here, how long you mean to stay, and your employer if you have one. For a child under 16 a guardian declares, and the guardian's name and phone are asked.
4. What is not asked: no face or fingerprints, no religion, no statistics by ethnic group, no record of movements, no labels on people.
5. Who can see it: the coordinators of your village or community, its police station, and those at the bureau who need it for their duty. Your landlord sees only what he reported himself. Whoever looks at a whole document number leaves a record.
6. How long: while the registration stands, and for the set period after it has been cancelled; then it is deleted or made anonymous.
7. Your rights: you may see and copy what is registered, have mistakes corrected, ask for reasons, and get a receipt. Ask the coordinator, the police station or the bureau.
8. On what ground: Personal Information Protection Law, Articles 13, 17 and 35; Regulations on Household Registration; Zhejiang regulation on residence registration, Articles 7 and 13. Registration is free of charge.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_county_is_read_whole() {
        let areas = read_areas(CHANGSHAN_CSV).expect("our own file");
        let count = |level: &str| areas.iter().filter(|area| area.level == level).count();
        assert_eq!((count("county"), count("township"), count("village")), (1, 14, 198));
    }

    #[test]
    fn a_bad_line_is_named() {
        let rows = [
            "330822001001,东明社区,village",
            "33082200100,东明社区,village,330822001000",
            "330822001001,,village,330822001000",
            "330822001001,东明社区,hamlet,330822001000",
            "330822001001,东明社区,village,",
        ];
        for row in rows {
            let file = format!("code,name,level,parent\n{row}\n");
            assert_eq!(read_areas(&file), Err(AdminError::BadAreaLine { line: 2 }), "{row}");
        }
    }

    #[test]
    fn the_years_of_the_calendar_are_taken_over() {
        let years = holiday_years();
        assert_eq!(years.iter().map(|year| year.year).collect::<Vec<_>>(), [2025, 2026]);
        assert!(years.iter().all(|year| year.off.len() > 10 && !year.work.is_empty()));
    }
}
