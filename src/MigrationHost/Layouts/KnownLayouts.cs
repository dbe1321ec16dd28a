namespace MigrationHost.Layouts;

/// <summary>All layouts of other tools: a line for each.</summary>
internal static class KnownLayouts
{
    /// <summary>What each is recognised by, in the words of <see cref="FolderMarks"/> and <see cref="FileMarks"/>, and how it is
    /// made.</summary>
    private static readonly Known[] All =
    [
        new(MigrationLayout.GolangMigrate, Tool.GolangMigrate, [Tool.UpDownPairs], site => new GolangMigrateLayout(site.History)),
        new(MigrationLayout.Morph, Tool.Morph, [Tool.UpDownPairs], site => new MorphLayout(site)),
        new(MigrationLayout.Sqlx, Tool.Sqlx, [Tool.UpDownPairs], site => new SqlxLayout(site.History)),
        new(MigrationLayout.Goose, Tool.Goose, [Tool.Goose, Tool.GooseInGo], site => new GooseLayout(site)),
        new(MigrationLayout.Dbmate, Tool.Dbmate, [Tool.Dbmate], site => new DbmateLayout(site.History)),
        new(MigrationLayout.Diesel, Tool.Diesel, [Tool.Diesel], site => new DieselLayout(site)),
        new(MigrationLayout.Prisma, Tool.Prisma, [Tool.Prisma, Tool.PrismaOrDrizzle], site => new PrismaLayout(site)),
        new(MigrationLayout.Drizzle, Tool.Drizzle, [Tool.Drizzle, Tool.PrismaOrDrizzle], site => new DrizzleLayout(site)),
        new(MigrationLayout.Flyway, Tool.Flyway, [Tool.FlywayOrRefinery], site => new FlywayLayout(site)),
        new(MigrationLayout.Refinery, Tool.Refinery, [Tool.FlywayOrRefinery], site => new RefineryLayout(site.History)),
    ];

    /// <summary>Layouts whose folders have no mark: the database alone can tell them from our own.</summary>
    private static readonly MigrationLayout[] Unmarked = [MigrationLayout.Sqlx];

    public static ToolLayout Create(MigrationLayout kind, LayoutSite site) => Array.Find(All, layout => layout.Kind == kind)!.Create(site);

    /// <summary>The layouts of a tool, or of those that may be meant.</summary>
    /// <param name="tool">Its name, as <see cref="ForeignHistories"/> has it.</param>
    public static IEnumerable<MigrationLayout> Of(string tool) =>
        from layout in All
        where tool.Contains(layout.Tool, StringComparison.Ordinal)
        select layout.Kind;

    /// <summary>The layouts that a folder with these marks may be; ours first, where it may be that.</summary>
    /// <param name="marks">The marks that were found.</param>
    public static IReadOnlyList<MigrationLayout> For(IReadOnlyCollection<string> marks)
    {
        var marked = marks.Count == 0 ? [] : Array.FindAll(All, layout => layout.Marks.Any(marks.Contains));
        return marked.Length > 0 ? Array.ConvertAll(marked, layout => layout.Kind)
            : marks.Count > 0 ? [MigrationLayout.Own]
            : [MigrationLayout.Own, .. Unmarked];
    }

    /// <summary>What to say to whom a folder is refused; null where the tool has no layout here.</summary>
    public static string? Setting(string tool)
    {
        MigrationLayout[] kinds = [.. All.Where(layout => layout.Marks.Contains(tool)).Select(layout => layout.Kind)];
        return kinds.Length == 0 ? null : $"set Layout: {string.Join(" or ", kinds)}";
    }

    private sealed record Known(MigrationLayout Kind, string Tool, string[] Marks, Func<LayoutSite, ToolLayout> Create);
}
