//! Counties and cities by their GB/T 2260 code: where a hukou is, and whether that is inside this county.
//!
//! The table (present codes and names) is about 126 kB of text, so only the feature `regions` carries it: a device and the
//! server have it, the screens ask for it. Abolished codes are known by number alone, from the crate `id-card`: many adults
//! carry one in their ID number, and a warning on each of them would teach everybody to overlook warnings.

use serde::{Deserialize, Serialize};

/// The county of this register, Changshan in Zhejiang.
pub const CHANGSHAN: &str = "330822";

/// The county's code before 1985. A hukou written with it is inside all the same.
const CHANGSHAN_BEFORE_1985: &str = "332427";

/// The provinces by the first two digits of a code.
const PROVINCES: [(&str, &str); 34] = [
    ("11", "北京市"),
    ("12", "天津市"),
    ("13", "河北省"),
    ("14", "山西省"),
    ("15", "内蒙古自治区"),
    ("21", "辽宁省"),
    ("22", "吉林省"),
    ("23", "黑龙江省"),
    ("31", "上海市"),
    ("32", "江苏省"),
    ("33", "浙江省"),
    ("34", "安徽省"),
    ("35", "福建省"),
    ("36", "江西省"),
    ("37", "山东省"),
    ("41", "河南省"),
    ("42", "湖北省"),
    ("43", "湖南省"),
    ("44", "广东省"),
    ("45", "广西壮族自治区"),
    ("46", "海南省"),
    ("50", "重庆市"),
    ("51", "四川省"),
    ("52", "贵州省"),
    ("53", "云南省"),
    ("54", "西藏自治区"),
    ("61", "陕西省"),
    ("62", "甘肃省"),
    ("63", "青海省"),
    ("64", "宁夏回族自治区"),
    ("65", "新疆维吾尔自治区"),
    ("71", "台湾省"),
    ("81", "香港特别行政区"),
    ("82", "澳门特别行政区"),
];

/// A county, a district or a city without districts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Six digits.
    pub code: String,
    /// Its own name, such as 常山县.
    pub name: String,
    /// The city above it, such as 衢州市.
    pub city: String,
    /// The province, such as 浙江省.
    pub province: String,
}

impl Region {
    /// The name as an address begins: 浙江省衢州市常山县, without the table's placeholders.
    pub fn display(&self) -> String {
        let placeholder = self.city == "市辖区" || self.city == "县" || self.city.contains("直辖县级") || self.city == self.name;
        let city = if placeholder { "" } else { self.city.as_str() };
        format!("{}{city}{}", self.province, self.name)
    }
}

/// Why a hukou region is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum HukouProblem {
    /// None was chosen.
    #[error("no hukou region was chosen")]
    Missing,
    /// Not six digits, or of no province.
    #[error("this is not a region code")]
    BadCode,
    /// The hukou is in this county: such a resident is not of the floating population (不属流动人口).
    #[error("the hukou is inside this county")]
    InsideCounty,
    /// In no list, past ones included. Said only where the list is carried (feature `regions`).
    #[error("the region is not in the list")]
    Unknown,
}

/// Whether a resident with the hukou in this region is registered here. Decided by the hukou as it is now, never by the ID
/// number, whose digits say where somebody was first numbered.
///
/// # Errors
/// Why not.
pub fn check_hukou(code: &str) -> Result<(), HukouProblem> {
    let code = code.trim();
    if code.is_empty() {
        return Err(HukouProblem::Missing);
    }
    let digits = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || province_of(code).is_none() {
        return Err(HukouProblem::BadCode);
    }
    if code == CHANGSHAN || code == CHANGSHAN_BEFORE_1985 {
        return Err(HukouProblem::InsideCounty);
    }
    #[cfg(feature = "regions")]
    if !is_known(code) {
        return Err(HukouProblem::Unknown);
    }
    Ok(())
}

/// The province of a code, for counts by origin and for codes that have no name any more.
pub fn province_of(code: &str) -> Option<&'static str> {
    PROVINCES.iter().find(|(digits, _)| code.starts_with(digits)).map(|(_, name)| *name)
}

#[cfg(feature = "regions")]
pub use table::{find, is_known, search};

#[cfg(feature = "regions")]
mod table {
    use std::sync::OnceLock;

    use super::Region;

    const EMBEDDED: &str = include_str!("../data/regions.csv");

    /// One line of the table, read in place.
    #[derive(Clone, Copy)]
    struct Line {
        code: &'static str,
        name: &'static str,
        city: &'static str,
        province: &'static str,
    }

    impl From<Line> for Region {
        fn from(line: Line) -> Self {
            let Line { code, name, city, province } = line;
            Self { code: code.into(), name: name.into(), city: city.into(), province: province.into() }
        }
    }

    fn lines() -> &'static [Line] {
        static LINES: OnceLock<Vec<Line>> = OnceLock::new();
        LINES.get_or_init(|| {
            let mut lines: Vec<Line> = EMBEDDED.lines().skip(1).filter_map(read_line).collect();
            lines.sort_unstable_by_key(|line| line.code);
            lines
        })
    }

    fn read_line(line: &'static str) -> Option<Line> {
        let mut cells = line.split(',');
        Some(Line { code: cells.next()?, name: cells.next()?, city: cells.next()?, province: cells.next()? })
    }

    /// The region with this code in the present table.
    pub fn find(code: &str) -> Option<Region> {
        let lines = lines();
        lines.binary_search_by_key(&code, |line| line.code).ok().map(|at| lines[at].into())
    }

    /// Whether the code is in the present table or was in a past one.
    pub fn is_known(code: &str) -> bool {
        if find(code).is_some() {
            return true;
        }
        // The crate keeps its list to itself and answers about whole numbers, so one is made up around the code.
        let first17 = format!("{code}19900101001");
        crate::id_document::check_digit(&first17).is_some_and(|digit| id_card::validate(&format!("{first17}{digit}")))
    }

    /// At most `limit` regions for what somebody types: digits of a code, a name, or a path such as “江西 广丰” or “江西广丰”.
    /// The own name counts before the city's and the province's; equal ones stand in the order of their codes.
    pub fn search(query: &str, limit: usize) -> Vec<Region> {
        let query = crate::text::clean(query);
        if query.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(u8, Line)> = lines().iter().filter_map(|line| Some((rank(line, &query)?, *line))).collect();
        // The characters of a path stand scattered in many places; they count only when nothing matches properly.
        if found.iter().any(|(rank, _)| *rank < SCATTERED) {
            found.retain(|(rank, _)| *rank < SCATTERED);
        }
        found.sort_by_key(|(rank, line)| (*rank, line.code));
        found.into_iter().take(limit).map(|(_, line)| line.into()).collect()
    }

    /// The rank of a line that holds the typed characters in their order and no more.
    const SCATTERED: u8 = 5;

    /// How well a line answers the query, 0 the best; `None` when it does not.
    fn rank(line: &Line, query: &str) -> Option<u8> {
        if query.bytes().all(|byte| byte.is_ascii_digit()) {
            return line.code.starts_with(query).then_some(0);
        }
        if line.name == query {
            Some(0)
        } else if line.name.starts_with(query) {
            Some(1)
        } else if line.name.contains(query) {
            Some(2)
        } else if line.city.starts_with(query) {
            Some(3)
        } else if line.province.starts_with(query) {
            Some(4)
        } else {
            follows(&format!("{}{}{}", line.province, line.city, line.name), query).then_some(SCATTERED)
        }
    }

    /// Whether the typed characters stand in this order in the path, spaces aside.
    fn follows(path: &str, query: &str) -> bool {
        let mut path = path.chars();
        query.chars().filter(|c| !c.is_whitespace()).all(|wanted| path.any(|c| c == wanted))
    }

    #[cfg(test)]
    mod tests {
        use super::super::province_of;
        use super::*;

        #[test]
        fn every_line_is_read_and_belongs_to_its_province() {
            assert_eq!(lines().len(), EMBEDDED.lines().count() - 1);
            for line in lines() {
                assert_eq!(province_of(line.code), Some(line.province), "{}", line.code);
            }
        }

        #[test]
        fn typing_finds_a_county_by_code_name_or_path() {
            let names = |query: &str| search(query, 5).into_iter().map(|region| region.display()).collect::<Vec<_>>();
            assert_eq!(names("330822"), ["浙江省衢州市常山县"]);
            assert_eq!(names("玉山"), ["江西省上饶市玉山县"]);
            assert_eq!(names("江西广丰"), ["江西省上饶市广丰区"]);
            assert_eq!(names("江西 广丰"), ["江西省上饶市广丰区"]);
            assert_eq!(names("东城区").first().map(String::as_str), Some("北京市东城区"));
            assert_eq!(search("江西", 3).len(), 3);
            assert!(search("", 5).is_empty() && search("没有的县", 5).is_empty());
        }

        #[test]
        fn abolished_codes_are_known_by_number() {
            assert_eq!(find("440524"), None, "abolished, so it has no name here");
            for (code, known) in [
                ("330822", true),
                ("440524", true),
                ("362321", true),
                ("339999", false),
                ("3308", false),
                ("33082x", false),
                ("", false),
            ] {
                assert_eq!(is_known(code), known, "{code}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hukou_inside_the_county_is_refused() {
        let rows = [
            ("330824", Ok(())),
            ("330802", Ok(())),
            ("361127", Ok(())),
            ("362323", Ok(())),
            ("", Err(HukouProblem::Missing)),
            ("33082", Err(HukouProblem::BadCode)),
            ("33082X", Err(HukouProblem::BadCode)),
            ("990101", Err(HukouProblem::BadCode)),
            (CHANGSHAN, Err(HukouProblem::InsideCounty)),
            (CHANGSHAN_BEFORE_1985, Err(HukouProblem::InsideCounty)),
            ("339999", if cfg!(feature = "regions") { Err(HukouProblem::Unknown) } else { Ok(()) }),
        ];
        for (code, expected) in rows {
            assert_eq!(check_hukou(code), expected, "{code:?}");
        }
    }
}
