using EfShop;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddShop(builder.Configuration);                              // the shop's own: AddDbContext
builder.Services.AddMigrationHost(builder.Configuration).AddShopMigrations(builder.Configuration);

var app = builder.Build();
app.MapGet("/products", (ShopContext shop) => shop.Products.OrderBy(product => product.Id).Select(product => product.Name));

return await app.RunWithMigrationsAsync(args);                                // serves; or `EfShop migrate`, `status`, `doctor` …
