using MigrationHost.Databases;
using MigrationHost.Platform;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>A folder that may be another tool's: its files give the candidates, the history in the database decides.</summary>
internal sealed class LayoutChoice : IMigrationSource
{
    private readonly LayoutSite _site;
    private readonly ScriptFolder _own;
    private readonly ToolLayout? _set;
    private IReadOnlyList<MigrationLayout> _candidates = [];
    private ToolLayout? _layout;
    private (string What, string Remedy)? _doubt;
    private bool _isOurs;

    /// <param name="layout">The setting.</param>
    /// <param name="site">The folder.</param>
    public LayoutChoice(MigrationLayout layout, LayoutSite site)
    {
        _site = site;
        _own = new ScriptFolder(site.Files, site.Syntax, site.Placeholders);
        _set = layout == MigrationLayout.Auto ? null : KnownLayouts.Create(layout, site);
        _layout = _set;
    }

    public string Place => _site.Files.Configured;

    public string? Folder => _site.Files.Folder;

    public IComparer<string> Order => Source.Order;

    /// <summary>How the history is kept, as far as that is known.</summary>
    public IHistoryForm Form => _layout?.Form ?? OwnHistory.Form;

    /// <summary>Whether the next look into the database could still change what it is taken for.</summary>
    public bool IsOpen => !_isOurs;

    /// <summary>What it is taken for, and why; null for our own.</summary>
    public string? Reason { get; private set; }

    /// <summary>Whether the database has decided what it is taken for.</summary>
    public bool IsDecided { get; private set; }

    /// <summary>The checks of <c>doctor</c> for which the database was looked into.</summary>
    public IReadOnlyList<DoctorCheck> Found { get; private set; } = [];

    /// <summary>The tables of other tools that may have its history, as far as the files say.</summary>
    public IReadOnlyList<string> Tables
    {
        get
        {
            if (_set is not null)
                return [_set.Form.Table];
            Read(new FilesInHand(TimeProvider.System));
            return [.. Layouts.Select(layout => layout.Form.Table)];
        }
    }

    private IEnumerable<ToolLayout> Layouts =>
        _candidates.Where(kind => kind != MigrationLayout.Own).Select(kind => KnownLayouts.Create(kind, _site));

    private IMigrationSource Source => _layout is null ? _own : new ToolFolder(_site.Files, _site.Syntax, _layout);

    /// <remarks>Where the database would have to decide whose folder it is, the names are the same, whoever's it is.</remarks>
    public IReadOnlyList<NewFile> Next(string title, DateTimeOffset now)
    {
        ReadOnce();
        return Source.Next(title, now);
    }

    public string? ReadId(string text, out string problem)
    {
        ReadOnce();
        return Source.ReadId(text, out problem);
    }

    /// <remarks>As long as the database has not decided, it is read as ours, or else as the first candidate that has nothing wrong with
    /// it; in the end as ours, too: our history may know files that look like another tool's.</remarks>
    public MigrationSet Read(FilesInHand files)
    {
        if (_set is not null)
            return Source.Read(files);
        var own = _own.Read(files);
        _candidates = KnownLayouts.For(MarksOf(own));
        if (_isOurs || _candidates is [MigrationLayout.Own])
            _layout = null;
        else if (!IsDecided && (_layout is null || !_candidates.Contains(_layout.Kind)))
            return ReadLikeliest(own, files);
        return _layout is null ? own : ReadTools(files);
    }

    /// <summary>Reads it for somebody who has not looked into the database yet: as our own, if it may be that.</summary>
    public MigrationSet ReadAtFirst(FilesInHand files)
    {
        var set = Read(files);
        return !IsDecided && _candidates.Contains(MigrationLayout.Own) ? _own.Read(files) : set;
    }

    /// <summary>Takes it for what the database shows.</summary>
    /// <param name="ours">What our own table says.</param>
    /// <param name="tables">All tables but that one.</param>
    /// <returns>Whether it has to be read anew.</returns>
    /// <exception cref="MigrationException">It cannot be told, or is another tool's.</exception>
    public bool Decide(IReadOnlyCollection<HistoryEntry> ours, IReadOnlyList<ExistingTable> tables)
    {
        var before = _layout?.Kind;
        if (_set is not null)
        {
            LayoutDecision.RefuseOther(_set, tables);
            (IsDecided, Found) = (true, LayoutChecks.Of(this, ours, tables));
            return false;
        }
        var layouts = Layouts.ToList();
        _isOurs = ours.Any(entry => entry.State == HistoryState.Applied) || layouts.Count == 0;
        (var layout, Reason) = _isOurs
            ? (null, null)
            : LayoutDecision.Of(Place, layouts, mayBeOurs: _candidates.Contains(MigrationLayout.Own), _doubt, tables);
        var isOther = layout?.Kind != before;
        _layout = isOther ? layout : _layout;
        (IsDecided, Found) = (true, LayoutChecks.Of(this, ours, tables));
        return isOther;
    }

    /// <summary>The checks of <c>doctor</c> for which no database is needed.</summary>
    /// <param name="set">What was read.</param>
    public IEnumerable<DoctorCheck> Check(MigrationSet set)
    {
        var kind = _layout?.Kind ?? MigrationLayout.Own;
        var others = _isOurs || Reason is not null ? [] : _candidates.Where(other => other != kind).ToList();
        yield return DoctorCheck.Ok(
            "layout",
            $"{Place} is read as a folder of {Form.Owner}, with the history in {Form.Table}"
                + (others.Count == 0 ? "" : $"; a history of {string.Join(" or ", others)} in the database would make it that tool's"));
        foreach (var check in _layout is null ? [] : LayoutChecks.Of(_layout, set, _site.Placeholders))
            yield return check;
    }

    private void ReadOnce()
    {
        if (_set is null && _candidates.Count == 0)
            Read(new FilesInHand(TimeProvider.System));
    }

    private MigrationSet ReadLikeliest(MigrationSet own, FilesInHand files)
    {
        _layout = null;
        if (_candidates.Contains(MigrationLayout.Own))
            return own;
        (ToolLayout? Layout, MigrationSet? Set) first = default;
        foreach (var kind in _candidates)
        {
            _layout = KnownLayouts.Create(kind, _site);
            var set = ReadTools(files);
            if (set.Problems.Count == 0)
                return set;
            first = first.Set is null ? (_layout, set) : first;
        }
        var mayBeOurs = own is { Problems.Count: 0, Migrations.Count: > 0 };
        _layout = mayBeOurs ? null : first.Layout;
        return mayBeOurs ? own : first.Set!;
    }

    private MigrationSet ReadTools(FilesInHand files)
    {
        var set = Source.Read(files);
        _doubt = set.Doubt;
        return set;
    }

    // What forbids a pending file, and is nothing once it is applied, says nothing of whose the folder is.
    private static HashSet<string> MarksOf(MigrationSet own) =>
    [
        .. own.Findings.Concat(own.Migrations.SelectMany(migration => migration.Findings))
            .Where(finding => !finding.WhilePending)
            .Select(finding => finding.Kind),
    ];
}
