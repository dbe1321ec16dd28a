namespace MigrationHost.Databases.MySql;

/// <summary>Expressions that have the same value in every session: made of literals, and of functions that look at nothing else.</summary>
/// <remarks>What is missing in these lists is left to a human once too often; what is one too many would be another value,
/// silently.</remarks>
internal static class MySqlConstant
{
    private static readonly HashSet<string> Functions = Words(
        """
        ABS ADDDATE ADDTIME ASCII BIN BIN_TO_UUID BINARY CAST CEIL CEILING CHAR CHAR_LENGTH CHARACTER_LENGTH CHR COALESCE COMPRESS CONCAT
        CONCAT_WS CONV CONVERT CONVERT_TZ CRC32 DATE DATE_ADD DATE_FORMAT DATE_SUB DATEDIFF DAY DAYOFMONTH DAYOFWEEK DAYOFYEAR DEGREES ELT
        EXP EXPORT_SET FIELD FIND_IN_SET FLOOR FORMAT FROM_BASE64 FROM_DAYS FROM_UNIXTIME GREATEST HEX HOUR IF IFNULL INET_ATON INET_NTOA
        INET6_ATON INET6_NTOA INSERT INSTR INTERVAL ISNULL JSON_ARRAY JSON_ARRAY_APPEND JSON_CONTAINS JSON_EXTRACT JSON_INSERT JSON_KEYS
        JSON_LENGTH JSON_MERGE JSON_MERGE_PATCH JSON_OBJECT JSON_QUOTE JSON_REMOVE JSON_REPLACE JSON_SEARCH JSON_SET JSON_TYPE JSON_UNQUOTE
        JSON_VALID JSON_VALUE LAST_DAY LCASE LEAST LEFT LENGTH LN LOCATE LOG LOG10 LOG2 LOWER LPAD LTRIM MAKE_SET MAKEDATE MAKETIME MD5
        MICROSECOND MID MINUTE MOD MONTH MONTHNAME NULLIF NVL NVL2 OCT OCTET_LENGTH ORD PI POSITION POW POWER QUARTER QUOTE RADIANS
        REGEXP_INSTR REGEXP_LIKE REGEXP_REPLACE REGEXP_SUBSTR REPEAT REPLACE REVERSE RIGHT ROUND RPAD RTRIM SEC_TO_TIME SECOND SHA SHA1 SHA2
        SIGN SPACE SQRT STR_TO_DATE STRCMP SUBDATE SUBSTR SUBSTRING SUBSTRING_INDEX SUBTIME TIME TIME_FORMAT TIME_TO_SEC TIMEDIFF TIMESTAMP
        TIMESTAMPADD TIMESTAMPDIFF TO_BASE64 TO_DAYS TO_SECONDS TRIM TRUNCATE UCASE UNCOMPRESS UNHEX UPPER UUID_TO_BIN WEEK WEEKDAY YEAR
        """);

    private static readonly HashSet<string> Operators = Words(
        """
        AND AS ASC BETWEEN BINARY BOTH CASE CHAR CHARACTER CHARSET COLLATE DATE DATETIME DAY DAY_HOUR DAY_MICROSECOND DAY_MINUTE DAY_SECOND
        DEC DECIMAL DEFAULT DIV DOUBLE ELSE END ESCAPE FALSE FLOAT HOUR HOUR_MICROSECOND HOUR_MINUTE HOUR_SECOND IN INT INTEGER INTERVAL IS
        JSON LEADING LIKE MICROSECOND MINUTE MINUTE_MICROSECOND MINUTE_SECOND MOD MONTH N NCHAR NOT NULL OR QUARTER REAL REGEXP RLIKE SECOND
        SECOND_MICROSECOND SELECT SET SIGNED THEN TIME TIMESTAMP TRAILING TRUE UNSIGNED USING WEEK WHEN X XOR YEAR YEAR_MONTH B
        """);

    private static readonly string[] Clocks = ["CURRENT_", "LOCALTIME", "UTC_"];

    private static readonly HashSet<string> BeforeName = Words("CHARSET COLLATE SET USING");

    // What a session begins with, and what scripts keep to put it back. The counters and clocks of a session are not among them.
    private static readonly HashSet<string> OfSession = Words(
        """
        alter_algorithm autocommit big_tables character_set_client character_set_connection character_set_database character_set_results
        character_set_server check_constraint_checks collation_connection collation_database collation_server default_storage_engine
        div_precision_increment explicit_defaults_for_timestamp foreign_key_checks group_concat_max_len innodb_lock_wait_timeout
        innodb_strict_mode lc_time_names lock_wait_timeout max_execution_time max_heap_table_size max_statement_time old_alter_table
        optimizer_switch sql_auto_is_null sql_big_selects sql_generate_invisible_primary_key sql_log_bin sql_mode sql_notes
        sql_quote_show_create sql_require_primary_key sql_safe_updates sql_select_limit sql_warnings storage_engine
        system_versioning_alter_history time_zone tmp_table_size transaction_isolation tx_isolation unique_checks updatable_views_with_limit
        """);

    /// <param name="from">The expression.</param>
    /// <param name="ofSession">Whether it is a session's own variable that is set to it, for which a plain word is a value.</param>
    /// <param name="isKnown">Whether a variable has the value here that the script has given it.</param>
    /// <param name="schemaIsKnown">Whether the session's database is the one that it was.</param>
    public static bool Is(IReadOnlyList<MySqlToken> from, bool ofSession, Func<string, bool> isKnown, bool schemaIsKnown)
    {
        if (ofSession && from is [{ Kind: MySqlTokenKind.Word, Text: var word }])
            return !Array.Exists(Clocks, clock => word.StartsWith(clock, StringComparison.OrdinalIgnoreCase));
        for (var i = 0; i < from.Count; i++)
        {
            var (before, behind) = (i > 0 ? from[i - 1] : default, i + 1 < from.Count ? from[i + 1] : default);
            var isConstant = from[i] switch
            {
                { Kind: MySqlTokenKind.Literal } => true,
                { Kind: MySqlTokenKind.Variable, Text: var name } => isKnown(name),
                { Kind: MySqlTokenKind.System, Text: var name } =>
                    !name.StartsWith("@@global", StringComparison.OrdinalIgnoreCase)
                    && MySqlAssignment.NameOf(name) is var plain && OfSession.Contains(plain[2..]) && isKnown(plain),
                { Kind: MySqlTokenKind.Word } one => IsConstant(one, before, behind, schemaIsKnown),
                { Kind: MySqlTokenKind.Sign, Text: not ("." or ":=") } => true,
                _ => false,
            };
            if (!isConstant)
                return false;
        }
        return true;
    }

    private static bool IsConstant(MySqlToken word, MySqlToken before, MySqlToken behind, bool schemaIsKnown) =>
        behind.IsSign("(")
            ? Functions.Contains(word.Text) || Operators.Contains(word.Text)
                || schemaIsKnown && (word.IsWord("DATABASE") || word.IsWord("SCHEMA"))
            : Operators.Contains(word.Text) || word.Text[0] == '_' && behind.Kind == MySqlTokenKind.Literal
                || before.Kind == MySqlTokenKind.Word && BeforeName.Contains(before.Text);

    private static HashSet<string> Words(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
}
