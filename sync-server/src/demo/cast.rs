//! Who plays: accounts, names, places of origin. All of it made up.

use chrono::NaiveDate;
use domain::access::Role;
use domain::codes::Sex;

use super::people::citizen_id;
use crate::clock::SeededDice;

/// An account of the demo with its password, which is no secret.
#[derive(Clone, Copy, Debug)]
pub struct DemoAccount {
    /// What is typed.
    pub login: &'static str,
    /// What people say.
    pub name: &'static str,
    /// What it is for.
    pub role: Role,
    /// Areas.
    pub areas: &'static [&'static str],
    /// A landlord's phone.
    pub phone: &'static str,
    /// Its password.
    pub password: &'static str,
}

/// 东明社区, the first coordinator's.
pub const WANG_VILLAGE: &str = "330822001001";
/// 金川社区, the neighbouring one.
pub const LI_VILLAGE: &str = "330822001002";
/// The landlord's phone, as in his homes.
pub const CHEN_PHONE: &str = "19900009001";

/// Two coordinators in neighbouring villages, a landlord with homes in both, the officer of their township, the bureau.
pub const ACCOUNTS: &[DemoAccount] = &[
    DemoAccount {
        login: "wang",
        name: "王敏",
        role: Role::Coordinator,
        areas: &[WANG_VILLAGE],
        phone: "",
        password: "wang-doorstep",
    },
    DemoAccount {
        login: "li", name: "李强", role: Role::Coordinator, areas: &[LI_VILLAGE], phone: "", password: "li-doorstep"
    },
    DemoAccount {
        login: "chen", name: "陈国平", role: Role::Landlord, areas: &[], phone: CHEN_PHONE, password: "chen-doorstep"
    },
    DemoAccount {
        login: "zhou",
        name: "周建军",
        role: Role::Officer,
        areas: &["330822001000"],
        phone: "",
        password: "zhou-doorstep",
    },
    DemoAccount { login: "admin", name: "系统管理员", role: Role::Admin, areas: &[], phone: "", password: "admin-doorstep" },
];

const SURNAMES: &str = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";
const GIVEN_MEN: &str = "伟强磊军洋勇杰涛超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢阳建志明国海永峰";
const GIVEN_WOMEN: &str = "芳娜敏静丽艳娟霞秀燕玲桂英华玉兰红梅婷雪慧莹洁颖琳晶欣怡佳倩云莲真环爱妹香月";

/// Regions people come from: counties of other provinces, as GB/T 2260 numbers them.
const ORIGINS: &[(&str, &str)] = &[
    ("361122", "江西省广丰县"),
    ("361128", "江西省鄱阳县"),
    ("341125", "安徽省定远县"),
    ("341222", "安徽省太和县"),
    ("411625", "河南省郸城县"),
    ("411522", "河南省光山县"),
    ("522427", "贵州省威宁县"),
    ("520221", "贵州省水城县"),
    ("421125", "湖北省浠水县"),
    ("431225", "湖南省会同县"),
    ("511725", "四川省渠县"),
    ("532128", "云南省镇雄县"),
    ("500234", "重庆市开县"),
];

/// A person's outline.
#[derive(Clone, Debug)]
pub struct Someone {
    /// Name.
    pub name: String,
    /// Sex.
    pub sex: Sex,
    /// Day of birth.
    pub birth: NaiveDate,
    /// Hukou region.
    pub region: &'static str,
    /// Hukou address.
    pub address: String,
    /// A valid citizen number nobody has: its sequence is from a range the demo keeps to.
    pub doc_no: String,
    /// Phone.
    pub phone: String,
}

fn pick<'l>(letters: &'l str, dice: &SeededDice) -> &'l str {
    let all: Vec<(usize, char)> = letters.char_indices().collect();
    let (at, letter) = all[dice.below(all.len())];
    &letters[at..at + letter.len_utf8()]
}

/// Somebody of an age between these years on that day. `number` keeps people apart.
pub fn someone(dice: &SeededDice, number: usize, years: std::ops::Range<i32>, today: NaiveDate) -> Someone {
    let woman = dice.below(2) == 1;
    let sex = if woman { Sex::Female } else { Sex::Male };
    let given = if woman { GIVEN_WOMEN } else { GIVEN_MEN };
    let mut name = format!("{}{}", pick(SURNAMES, dice), pick(given, dice));
    if dice.below(3) > 0 {
        name.push_str(pick(given, dice));
    }
    let span = usize::try_from((years.end - years.start) * 365).unwrap_or(1);
    let age_days = i64::from(years.start) * 365 + i64::try_from(dice.below(span)).unwrap_or(0) + 366;
    let birth = today - chrono::Duration::days(age_days);
    let (region, place) = ORIGINS[dice.below(ORIGINS.len())];
    let doc_no = citizen_id(region, birth, number, woman);
    let address = format!("{place}城关镇{}村{}号", ["东风", "红星", "新建", "前进", "和平"][dice.below(5)], 1 + dice.below(200));
    // A block of numbers that no operator gives out.
    let phone = format!("1990000{:04}", number % 10_000);
    Someone { name, sex, birth, region, address, doc_no, phone }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id_document::{self, DocType};

    #[test]
    fn made_up_people_have_documents_that_hold() {
        let dice = SeededDice::new(3);
        let today: NaiveDate = "2026-11-23".parse().expect("a date");
        for number in 0..300 {
            let who = someone(&dice, number, 1..70, today);
            let facts = id_document::check(DocType::Id, &who.doc_no, today).expect("a valid number");
            assert_eq!((facts.birth, facts.sex), (Some(who.birth), Some(who.sex)), "{}", who.doc_no);
            assert_eq!(domain::text::check_name(&who.name), Ok(who.name.clone()));
            assert!(domain::text::check_phone(&who.phone).is_ok(), "{}", who.phone);
        }
        for (region, place) in ORIGINS {
            assert_eq!(domain::region::check_hukou(region), Ok(()), "{place}");
        }
    }
}
